import * as z from "zod";
import { findCell, isCode, markOf } from "../../core/notebook/notebook.ts";
import type { CellId, ToolContext, Edit, Part, ToolResult } from "../../contracts/index.ts";
import { defineTool, failure } from "./define-tool.ts";
import { runCell } from "./run-cell.ts";

/** Runs cells that are there already, in notebook order, until one fails. */
export const run = defineTool({
  name: "run",
  description: "Run cells again: these, or all stale ones.",
  parameters: z.strictObject({ ids: z.array(z.string()).optional() }),
  run({ ids }, desk) {
    const unknown = (ids ?? []).filter((id) => !isCodeId(desk, id));
    if (unknown.length > 0) return failure(`No code cells: ${unknown.join(", ")}.`);
    const wanted = desk.notebook.cells.filter(({ id }) =>
      ids === undefined ? isStale(desk, id) : ids.includes(id),
    );
    if (wanted.length === 0) return failure("Nothing is stale.");
    return runAll(
      desk,
      wanted.map((cell) => cell.id),
    );
  },
});

async function runAll(desk: ToolContext, ids: readonly CellId[]): Promise<ToolResult> {
  let edits: readonly Edit[] = [];
  const texts: string[] = [];
  const images: Part[] = [];
  for (const [i, id] of ids.entries()) {
    const done = await runCell(desk, edits, id);
    edits = done.edits;
    texts.push(done.text);
    images.push(...done.images);
    if (done.execution.status === "ok") continue;
    const left = ids.slice(i + 1);
    if (left.length > 0) texts.push(`not run: ${left.join(", ")}`);
    return { content: [{ type: "text", text: texts.join("\n") }, ...images], isError: true, edits };
  }
  return { content: [{ type: "text", text: texts.join("\n") }, ...images], isError: false, edits };
}

function isCodeId(desk: ToolContext, id: CellId): boolean {
  const cell = findCell(desk.notebook, id);
  return cell !== undefined && isCode(cell);
}

function isStale(desk: ToolContext, id: CellId): boolean {
  const state = stateOf(findCell(desk.notebook, id));
  return state === "stale" || state === "dirty";
}

function stateOf(cell: ReturnType<typeof findCell>): string | undefined {
  return cell === undefined ? undefined : markOf(cell).state;
}
