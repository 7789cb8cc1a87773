// Owns: the parts of a run by what the command line and the journal call them: names that ship, or files of the user's own.
import { resolve } from "node:path";
import { didYouMean } from "../../core/nearest-word.ts";
import { RunError } from "../../core/errors.ts";
import type { DescriptorSpec, JsonObject, Renderer, Strategy, Tool } from "../../contracts/index.ts";
import { logStructured, plain, positional } from "../../../renderers/index.ts";
import { SHIPPED_STRATEGIES, shippedStrategy } from "../../../strategies/index.ts";
import { isPartFile, rendererFromFile, strategyFromFile, toolFromFile } from "./part-file.ts";

const RENDERERS: Readonly<Record<string, () => Renderer>> = {
  "log-structured": () => logStructured(),
  plain: () => plain(),
  positional: () => positional(),
};

/** Help of `--strategy`. */
export const STRATEGY_HELP = `How parents and moves are chosen: ${SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name).join(", ")}, or a file such as ./mine.mjs.`;
/** Help of `--renderer`. */
export const RENDERER_HELP = `How the model sees the notebook: ${Object.keys(RENDERERS).join(", ")}, or a file such as ./mine.mjs.`;
/** Help of `--tool`. */
export const TOOL_HELP =
  "A file with a tool for the model, such as ./mine.mjs. One with the name of a notebook tool replaces it. Repeatable.";
export const DEFAULT_RENDERER = "log-structured";

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
  if (isPartFile(name)) return rendererFromFile(name);
  const make = Object.hasOwn(RENDERERS, name) ? RENDERERS[name] : undefined;
  if (make !== undefined) return make();
  const known = Object.keys(RENDERERS).join(", ");
  throw new RunError(
    "bad-option",
    `there is no renderer "${name}"${didYouMean(name, Object.keys(RENDERERS))}; there are ${known}; a file of your own is named by its path, ./mine.mjs`,
  );
}

/** The tools of these files. @throws RunError `bad-option`. */
export function toolsFrom(files: readonly string[]): Promise<readonly Tool[]> {
  return Promise.all(files.map(toolFromFile));
}

/** What the journal keeps of a part so that `resume` finds it again: the whole path of a file; undefined for a name. */
export function partOrigin(name: string): string | undefined {
  return isPartFile(name) ? resolve(name) : undefined;
}
