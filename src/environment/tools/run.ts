// Owns: the tool `run`: cells that are there already, run in notebook order until one fails.
import * as z from "zod";
import { idsOf, isCode, markOf } from "../../core/notebook/notebook.ts";
import type { Cell } from "../../contracts/index.ts";
import { defineTool, toolFailure } from "./define-tool.ts";
import { runCells } from "./run-cell.ts";

/** Runs cells that are there already, in notebook order, until one fails. */
export const run = defineTool({
  name: "run",
  description: "Run cells again: these, or all stale ones.",
  parameters: z.strictObject({ ids: z.array(z.string()).optional() }),
  run({ ids }, context) {
    const { cells } = context.notebook;
    const known = idsOf(cells.filter(isCode));
    const unknown = (ids ?? []).filter((id) => !known.has(id));
    if (unknown.length > 0) return toolFailure(`No code cells: ${unknown.join(", ")}.`);
    const asked = new Set(ids);
    const wanted = cells.filter((cell) => (ids === undefined ? isStale(cell) : asked.has(cell.id)));
    if (wanted.length === 0) return toolFailure("Nothing is stale.");
    return runCells(
      context,
      wanted.map((cell) => cell.id),
    );
  },
});

function isStale(cell: Cell): boolean {
  const { state } = markOf(cell);
  return state === "stale" || state === "dirty";
}
