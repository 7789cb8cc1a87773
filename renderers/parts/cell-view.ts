// Owns: how one cell looks to a model, open or folded to a line, and which cells stay open.
import { isCode, markOf } from "../../src/core/notebook/notebook.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell, CellId, Notebook, RenderInput } from "../../src/contracts/index.ts";

/** A cell with its source and outputs; each output is cut at `maxLines` lines, and says so. */
export function viewOpenCell(cell: Cell, maxLines: number): string {
  if (!isCode(cell))
    return `[${cell.id} ${markOf(cell).role}]\n${viewSource(cell.source, `read(${cell.id}, source`)}`;
  const { text } = viewOutputs(cell.outputs, { id: cell.id, maxLines, maxTokens: maxLines * 25 });
  const head = `[${cell.id} ${markOf(cell).state ?? "unexecuted"}]\n${viewSource(cell.source, `read(${cell.id}, source`)}`;
  return text === "" ? head : `${head}\n[${cell.id} output]\n${text}`;
}

/** A cell as one line: what it is for (or how it begins), and how much is behind it. */
export function viewFoldedCell(cell: Cell, maxLength: number): string {
  const mark = markOf(cell);
  const lines = cell.source.split("\n");
  const outputs = isCode(cell) ? `, ${cell.outputs.length} outputs` : "";
  const state = isCode(cell) ? (mark.state ?? "unexecuted") : mark.role;
  const head = `[${cell.id} ${state} ${lines.length}L${outputs}] `;
  const said = (mark.summary ?? lines.find((line) => line.trim() !== "") ?? "").trim();
  const room = Math.max(0, maxLength - head.length);
  return head + (said.length <= room ? said : `${said.slice(0, Math.max(0, room - 3))}...`);
}

/** How much an open cell may show of its outputs. */
export interface OpenLimits {
  readonly outputTokens: number;
}

/** A cell with its source and outputs. */
export function viewSnapshotCell(cell: Cell, { outputTokens }: OpenLimits, input: RenderInput): string {
  const mark = markOf(cell);
  const source = viewSource(cell.source, `read(${cell.id}, source`);
  if (!isCode(cell)) return `[${cell.id} ${mark.role}]\n${source}`;
  const words = [cell.id, mark.state, mark.pinned === true ? "pinned" : undefined].filter(
    (word) => word !== undefined,
  );
  const limits = {
    id: cell.id,
    maxTokens: outputTokens,
    countTokens: (said: string) => input.countTokens(said),
  };
  const { text } = viewOutputs(cell.outputs, limits);
  const head = `[${words.join(" ")}]\n${source}`;
  return text === "" ? head : `${head}\n=>\n${text}`;
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
