// Owns: how one cell looks to a model, open or folded to a line.
import { isCode, markOf } from "../../src/core/notebook/notebook.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell } from "../../src/contracts/index.ts";

/** A cell with its source and outputs; each output is cut at `maxLines` lines, and says so. */
export function openView(cell: Cell, maxLines: number): string {
  if (!isCode(cell))
    return `[${cell.id} ${markOf(cell).role}]\n${viewSource(cell.source, `read(${cell.id}, source`)}`;
  const { text } = viewOutputs(cell.outputs, { id: cell.id, maxLines, maxTokens: maxLines * 25 });
  const head = `[${cell.id} ${markOf(cell).state ?? "unexecuted"}]\n${viewSource(cell.source, `read(${cell.id}, source`)}`;
  return text === "" ? head : `${head}\n[${cell.id} output]\n${text}`;
}

/** A cell as one line: what it is for (or how it begins), and how much is behind it. */
export function foldedView(cell: Cell, maxLength: number): string {
  const mark = markOf(cell);
  const lines = cell.source.split("\n");
  const outputs = isCode(cell) ? `, ${cell.outputs.length} outputs` : "";
  const state = isCode(cell) ? (mark.state ?? "unexecuted") : mark.role;
  const head = `[${cell.id} ${state} ${lines.length}L${outputs}] `;
  const said = (mark.summary ?? lines.find((line) => line.trim() !== "") ?? "").trim();
  const room = Math.max(0, maxLength - head.length);
  return head + (said.length <= room ? said : `${said.slice(0, Math.max(0, room - 3))}...`);
}
