// Owns: what the model was told of each cell, and the line about changes that no tool result told of.
import { digestOf, errorLine, moreNames } from "../../src/core/notebook/cell-digest.ts";
import { isCode, markOf, findCell } from "../../src/core/notebook/notebook.ts";
import { pictureIn } from "../../src/core/output/pictures.ts";
import { textHash } from "../../src/core/output/blobs.ts";
import type { Cell, CellId, Notebook, Output, ToolOutcome } from "../../src/contracts/index.ts";
import type { ContextLog, Unfrozen } from "./context-log.ts";

const known = new WeakMap<Cell, string>();

/** Changes when the cell's source, outputs, state or pin change: `state:pin:hash`. */
function cellFingerprint(cell: Cell): string {
  const seen = known.get(cell);
  if (seen !== undefined) return seen;
  const { state, pinned, role } = markOf(cell);
  const outputs = isCode(cell) ? JSON.stringify(cell.outputs.map(withPictureNamed)) : "";
  const print = `${state ?? role}:${pinned === true ? "pinned" : ""}:${textHash(cell.source)}${textHash(outputs)}`;
  known.set(cell, print);
  return print;
}

/** A picture's name says all its bytes: they need not be read again. */
function withPictureNamed(output: Output): unknown {
  if (output.output_type === "stream" || output.output_type === "error") return output;
  const picture = pictureIn(output.data);
  return picture === null
    ? output
    : { ...output, data: { ...output.data, [picture.mime]: picture.placeholder } };
}

/** Cells that are new, changed or gone against what the log says was told. */
export function changedCells(log: ContextLog, notebook: Notebook): readonly CellId[] {
  const here = new Set<CellId>();
  const changed: CellId[] = [];
  for (const cell of notebook.cells) {
    here.add(cell.id);
    if (log.told[cell.id] !== cellFingerprint(cell)) changed.push(cell.id);
  }
  for (const id of Object.keys(log.told)) if (!here.has(id)) changed.push(id);
  return changed;
}

/** The log after a notebook's changes: the next fold will tell of those cells. */
export function noteChanges(
  log: ContextLog,
  notebook: Notebook,
  changed: readonly CellId[],
  results: readonly ToolOutcome[] = [],
): ContextLog {
  if (changed.length === 0) return log;
  const cells = new Map(notebook.cells.map((cell) => [cell.id, cell]));
  const failures = failuresOf(results);
  const told: Record<CellId, string> = { ...log.told };
  const unfrozen: Record<CellId, Unfrozen> = { ...log.unfrozen };
  for (const id of changed) {
    const cell = cells.get(id);
    const errors = [...(unfrozen[id]?.errors ?? []), ...(failures.get(id) ?? [])];
    if (cell === undefined) {
      delete told[id];
      unfrozen[id] = { ...(unfrozen[id] ?? { digest: id, more: "" }), errors, gone: true };
    } else {
      told[id] = cellFingerprint(cell);
      unfrozen[id] = { digest: digestOf(cell), more: moreNames(cell), errors, gone: false };
    }
  }
  return { ...log, told, unfrozen };
}

/** What runs that failed said, by cell; the last failure of a cell that is still failed is in its digest already. */
function failuresOf(results: readonly ToolOutcome[]): Map<CellId, string[]> {
  const errors = new Map<CellId, string[]>();
  for (const edit of results.flatMap((result) => result.edits)) {
    if (edit.type !== "cell-ran" || edit.status === "ok") continue;
    const failure = edit.outputs.findLast((output) => output.output_type === "error");
    const line = failure?.output_type === "error" ? errorLine(failure.ename, failure.evalue) : edit.status;
    errors.set(edit.id, [...(errors.get(edit.id) ?? []), line]);
  }
  return errors;
}

const MOST_NAMED = 20;

/** `Changed: c3 dropped; c7 stale; c9 14L => model`; empty when there is nothing to say. */
export function describeChanges(log: ContextLog, notebook: Notebook, changed: readonly CellId[]): string {
  const said = changed.flatMap((id) => describeChange(log, notebook, id) ?? []);
  if (said.length === 0) return "";
  const more = said.length > MOST_NAMED ? [`and ${said.length - MOST_NAMED} more cells`] : [];
  return `Changed: ${[...said.slice(0, MOST_NAMED), ...more].join("; ")}`;
}

/** How a cell changed. A new plan or note is not mentioned: the model wrote or read its words already. */
function describeChange(log: ContextLog, notebook: Notebook, id: CellId): string | null {
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
