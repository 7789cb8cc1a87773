// Owns: the parts of a run by what a command line and a journal call them: names that ship, or files of the user's own.
import { resolve } from "node:path";
import type { DescriptorSpec, JsonObject, Renderer, Strategy, Tool } from "../../contracts/index.ts";
import { shippedRenderer } from "../../../renderers/shipped.ts";
import { shippedStrategy } from "../../../strategies/shipped.ts";
import { isPartFile, rendererFromFile, strategyFromFile, toolFromFile } from "./part-file.ts";

/** `settings`: from a journal or a command line; `descriptors`: the task's. @throws RunError `bad-option`. */
export async function strategyNamed(
  name: string,
  settings: JsonObject = {},
  descriptors: readonly DescriptorSpec[] = [],
): Promise<Strategy> {
  return isPartFile(name)
    ? strategyFromFile(name, settings, descriptors)
    : shippedStrategy(name, settings, descriptors);
}

/** @throws RunError `bad-option`. */
export async function rendererNamed(name: string): Promise<Renderer> {
  return isPartFile(name) ? rendererFromFile(name) : shippedRenderer(name);
}

/** The tools of these files. @throws RunError `bad-option`. */
export function toolsFrom(files: readonly string[]): Promise<readonly Tool[]> {
  return Promise.all(files.map(toolFromFile));
}

/** What the journal keeps of a part so that a later session finds it again: the whole path of a file; undefined for a name. */
export function partOrigin(name: string): string | undefined {
  return isPartFile(name) ? resolve(name) : undefined;
}
