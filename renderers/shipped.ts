// Owns: the shipped renderers by their names. Never knows what one does.
import { didYouMean } from "../src/core/nearest-word.ts";
import { RunError } from "../src/core/errors.ts";
import type { Renderer } from "../src/contracts/index.ts";
import { logStructured } from "./log-structured.ts";
import { plain } from "./plain.ts";
import { positional } from "./positional.ts";

/** All of them; the first is the default of a run. */
export const SHIPPED_RENDERERS: readonly (() => Renderer)[] = [logStructured, plain, positional];

/** A shipped renderer with its defaults. @throws RunError `bad-option` that names those that there are. */
export function shippedRenderer(name: string): Renderer {
  const all = SHIPPED_RENDERERS.map((make) => make());
  const shipped = all.find((renderer) => renderer.name === name);
  if (shipped !== undefined) return shipped;
  const names = all.map((renderer) => renderer.name);
  const remedy = `there are ${names.join(", ")}; a file of your own is named by its path, ./mine.mjs`;
  throw new RunError("bad-option", `there is no renderer "${name}"${didYouMean(name, names)}; ${remedy}`);
}
