// Owns: the tool `run`: cells that are there already, run in notebook order until one fails.
import * as z from "zod";
import { findCell, isCode, markOf } from "../../core/notebook/notebook.ts";
import type { CellId, ToolContext } from "../../contracts/index.ts";
import { defineTool, toolFailure } from "./define-tool.ts";
import { runCells } from "./run-cell.ts";

/** Runs cells that are there already, in notebook order, until one fails. */
export const run = defineTool({
  name: "run",
  description: "Run cells again: these, or all stale ones.",
  parameters: z.strictObject({ ids: z.array(z.string()).optional() }),
  run({ ids }, context) {
    const unknown = (ids ?? []).filter((id) => !isCodeId(context, id));
    if (unknown.length > 0) return toolFailure(`No code cells: ${unknown.join(", ")}.`);
    const wanted = context.notebook.cells.filter(({ id }) =>
      ids === undefined ? isStale(context, id) : ids.includes(id),
    );
    if (wanted.length === 0) return toolFailure("Nothing is stale.");
    return runCells(
      context,
      wanted.map((cell) => cell.id),
    );
  },
});

function isCodeId(context: ToolContext, id: CellId): boolean {
  const cell = findCell(context.notebook, id);
  return cell !== undefined && isCode(cell);
}

function isStale(context: ToolContext, id: CellId): boolean {
  const state = stateOf(findCell(context.notebook, id));
  return state === "stale" || state === "dirty";
}

function stateOf(cell: ReturnType<typeof findCell>): string | undefined {
  return cell === undefined ? undefined : markOf(cell).state;
}
