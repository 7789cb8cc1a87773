// Owns: the line that tells of changes to cells that no tool result told of.
import { digestOf } from "../../src/core/notebook/cell-digest.ts";
import { findCell, isCode, markOf } from "../../src/core/notebook/notebook.ts";
import type { CellId, Notebook } from "../../src/contracts/index.ts";
import type { ContextLog } from "./context-log.ts";

const MOST_NAMED = 20;

/** `Changed: c3 dropped; c7 stale; c9 14L => model`; empty when nothing has to be said. */
export function changeLine(log: ContextLog, notebook: Notebook, changed: readonly CellId[]): string {
  const said = changed.flatMap((id) => change(log, notebook, id) ?? []);
  if (said.length === 0) return "";
  const more = said.length > MOST_NAMED ? [`and ${said.length - MOST_NAMED} more cells`] : [];
  return `Changed: ${[...said.slice(0, MOST_NAMED), ...more].join("; ")}`;
}

/** A plan or a note was written in words that the model said or read; its cell needs no telling. */
function change(log: ContextLog, notebook: Notebook, id: CellId): string | null {
  const cell = findCell(notebook, id);
  const before = log.told[id];
  if (cell === undefined) return `${id} dropped`;
  if (!isCode(cell)) return before === undefined ? null : `${id} rewritten`;
  if (before === undefined) return `new: ${digestOf(cell)}`;
  const { state = "unexecuted", pinned } = markOf(cell);
  const [stateBefore, pinnedBefore] = before.split(":");
  if (stateBefore !== state) return `${id} ${state}`;
  if ((pinnedBefore === "pinned") !== (pinned === true))
    return `${id} ${pinned === true ? "pinned" : "unpinned"}`;
  return `now ${digestOf(cell)}`;
}
