// Owns: the tool `edit_run`: a code cell patched, or its source replaced, and run.
import * as z from "zod";
import { findCell, isCode, markOf } from "../../core/notebook/notebook.ts";
import { defineTool, toolFailure } from "./define-tool.ts";
import { cellResult, runCell } from "./run-cell.ts";

/** Patches a code cell, or replaces its source, and runs it. */
export const editRun = defineTool({
  name: "edit_run",
  description: "Change a code cell and run it: `old` (unique) to `new`, or the whole `source`.",
  instructions: "edit_run changes a cell and runs it",
  parameters: z.strictObject({
    id: z.string(),
    old: z.string().min(1).optional(),
    new: z.string().optional(),
    source: z.string().min(1).optional(),
  }),
  async run(args, context) {
    const cell = findCell(context.notebook, args.id);
    if (cell === undefined) return toolFailure(`There is no cell ${args.id}.`);
    if (!isCode(cell)) return toolFailure(`${args.id} is not a code cell.`);
    if (markOf(cell).role === "task")
      return toolFailure(`${args.id} belongs to the task and cannot be changed.`);
    const patched = patchSource(cell.source, args);
    if (typeof patched !== "string") return toolFailure(`${args.id}: ${patched.problem}`);
    const edits = [{ type: "cell-rewritten", id: cell.id, source: patched } as const];
    return cellResult(await runCell(context, edits, cell.id));
  },
});

function patchSource(
  source: string,
  args: { old?: string | undefined; new?: string | undefined; source?: string | undefined },
): string | { problem: string } {
  if (args.source !== undefined) {
    return args.old === undefined
      ? args.source
      : { problem: "give either `source` or `old` and `new`, not both" };
  }
  if (args.old === undefined || args.new === undefined)
    return { problem: "give `source`, or both `old` and `new`" };
  const count = source.split(args.old).length - 1;
  if (count === 1) return source.split(args.old).join(args.new);
  return {
    problem: count === 0 ? "`old` does not occur in it" : `\`old\` occurs ${count} times; make it longer`,
  };
}
