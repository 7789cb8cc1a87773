// Owns: how one cell looks to a model, open or folded to a line, and which cells stay open.
import { isCode, markOf } from "../../src/core/notebook/notebook.ts";
import { fenceText } from "../../src/core/output/fence.ts";
import { viewOutputs, type ViewLimits } from "../../src/core/output/view-outputs.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell, CellId, Notebook, RenderInput } from "../../src/contracts/index.ts";

/** A cell with its source and outputs; each output is cut at `maxLines` lines, and says so. */
export function viewOpenCell(cell: Cell, maxLines: number, input: StatementInput): string {
  return drawCell(cell, { id: cell.id, maxLines, maxTokens: maxLines * 25 }, input);
}

/** How much an open cell may show of its outputs. */
export interface OpenLimits {
  readonly outputTokens: number;
}

/** A cell with its source and outputs. */
export function viewSnapshotCell(cell: Cell, { outputTokens }: OpenLimits, input: RenderInput): string {
  const countTokens = (said: string): number => input.countTokens(said);
  return drawCell(cell, { id: cell.id, maxTokens: outputTokens, countTokens }, input);
}

/** A cell as one line: what it is for (or how it begins), and how much is behind it. */
export function viewFoldedCell(cell: Cell, maxLength: number, input: StatementInput): string {
  if (isStatement(cell, input)) return statementLine(cell);
  const mark = markOf(cell);
  const lines = cell.source.split("\n");
  const outputs = isCode(cell) ? `, ${cell.outputs.length} outputs` : "";
  const state = isCode(cell) ? (mark.state ?? "unexecuted") : mark.role;
  const head = `${cell.id} ${state} ${lines.length}L${outputs}: `;
  const said = (mark.summary ?? lines.find((line) => line.trim() !== "") ?? "").trim();
  const room = Math.max(0, maxLength - head.length);
  return head + (said.length <= room ? said : `${said.slice(0, Math.max(0, room - 3))}...`);
}

/** The parts of a renderer's input that a folded cell depends on. */
export type StatementInput = Pick<RenderInput, "statement" | "canRead">;

/** Whether the cell says what every prompt says already, as its task. */
export function isStatement(cell: Cell, { statement }: StatementInput): boolean {
  return !isCode(cell) && markOf(cell).role === "task" && cell.source.trim() === statement.trim();
}

/** How the call begins that shows a part of the cell's source; null where the model has no such tool. */
export function sourceRemedy(id: CellId, { canRead }: Pick<RenderInput, "canRead">): string | null {
  return canRead === false ? null : `read(${id}, source`;
}

/** Stands for the cell of the task's statement. */
export function statementLine({ id }: Cell): string {
  return `Cell ${id} (task) is the task above.`;
}

/** Words outside of the blocks, code and output within: neither can be taken for the other, or for a reply. */
function drawCell(cell: Cell, limits: ViewLimits, input: StatementInput): string {
  if (isStatement(cell, input)) return statementLine(cell);
  const mark = markOf(cell);
  const source = viewSource(cell.source, sourceRemedy(cell.id, input));
  if (!isCode(cell)) return `Cell ${cell.id} (${mark.role}):\n${fenceText(source, "markdown")}`;
  const words = [
    ...(mark.state === "clean" ? [] : [mark.state ?? "unexecuted"]),
    ...(mark.pinned === true ? ["pinned"] : []),
  ];
  const said = words.length === 0 ? "" : ` (${words.join(", ")})`;
  const code = `Cell ${cell.id}${said}:\n${fenceText(source, "python")}`;
  const { text } = viewOutputs(cell.outputs, input.canRead === false ? { ...limits, id: undefined } : limits);
  return text === "" ? code : `${code}\nOutput of ${cell.id}:\n${fenceText(text)}`;
}

/** The last `count` code cells that are not folded, and those that were unfolded by hand. */
export function openCellIds(notebook: Notebook, count: number): ReadonlySet<CellId> {
  const code = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).folded !== true);
  const last = count === 0 ? [] : code.slice(-count);
  const unfolded = code.filter((cell) => markOf(cell).folded === false && markOf(cell).pinned !== true);
  return new Set([...last, ...unfolded].map((cell) => cell.id));
}

/** The cells whose state in the kernel is not what they say; empty when there are none. */
export function kernelStateLine(notebook: Notebook): string {
  const inState = (state: string): string[] =>
    notebook.cells.filter((cell) => isCode(cell) && markOf(cell).state === state).map(({ id }) => id);
  const parts = ["failed", "stale", "dirty", "unexecuted"].flatMap((state) => {
    const ids = inState(state);
    return ids.length === 0 ? [] : [`${state}: ${listIds(ids)}`];
  });
  return parts.length === 0 ? "" : `Kernel: ${parts.join("; ")}`;
}

function listIds(ids: readonly CellId[]): string {
  return ids.length <= 12 ? ids.join(" ") : `${ids.slice(0, 12).join(" ")} and ${ids.length - 12} more`;
}
