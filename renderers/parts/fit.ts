// Owns: making a list of cell views fit a budget. What is left out is announced.
import type { RenderInput } from "../../src/contracts/index.ts";

/** The first view in the list of ever smaller ones that fits; else the end of the last, with the rest counted. */
export function firstThatFits(views: Iterable<readonly string[]>, scene: RenderInput): string {
  let smallest: readonly string[] = [];
  for (const view of views) {
    smallest = view;
    const text = view.join("\n\n");
    if (scene.countTokens(text) <= scene.budgetTokens) return text;
  }
  return newestThatFit(smallest, scene);
}

function newestThatFit(view: readonly string[], scene: RenderInput): string {
  const announce = (hidden: number): string => `(${hidden} earlier cells are not shown; read(id) shows one)`;
  let left = scene.budgetTokens - scene.countTokens(announce(view.length)) - 2;
  let from = view.length;
  while (from > 0) {
    const cost = scene.countTokens(view[from - 1] ?? "") + 2;
    if (cost > left) break;
    left -= cost;
    from -= 1;
  }
  return [announce(from), ...view.slice(from)].join("\n\n");
}
