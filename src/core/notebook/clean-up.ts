// Owns: what may be dropped from a notebook, and the clean-up when the model does none.
import type { Cell, CellId, Edit, Notebook } from "../../contracts/index.ts";
import { dependentsOf } from "./dependencies.ts";
import { findCell, isCode, markOf } from "./notebook.ts";

export interface DropVerdict {
  /** May go, in notebook order. */
  readonly drop: readonly CellId[];
  /** Must stay, each with its reason in words. */
  readonly kept: readonly { readonly id: CellId; readonly why: string }[];
}

/**
 * Which of `ids` can leave the notebook so that it still runs top to bottom: not the task's cells, not pinned
 * ones, and none that provides names to a cell that stays or to the submission.
 */
export function checkDrops(notebook: Notebook, ids: readonly CellId[], submission: string): DropVerdict {
  const kept: { id: CellId; why: string }[] = [];
  const asked = new Set(ids);
  for (const id of asked) {
    const why = reasonToKeep(findCell(notebook, id));
    if (why !== null) {
      asked.delete(id);
      kept.push({ id, why });
    }
  }
  for (let veto = lastNeeded(notebook, asked, submission); veto !== null;) {
    asked.delete(veto.id);
    kept.push(veto);
    veto = lastNeeded(notebook, asked, submission);
  }
  return { drop: notebook.cells.filter((cell) => asked.has(cell.id)).map((cell) => cell.id), kept };
}

/**
 * The clean-up of a round without a model: drops its failed cells and exact repetitions that nothing needs,
 * folds what is older than the round, and keeps everything that is pinned.
 */
export function tidyNotebook(notebook: Notebook, round: number, submission: string): readonly Edit[] {
  const own = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).round === round);
  const candidates = own.filter((cell) => markOf(cell).state === "failed" || isRepeated(cell, own));
  const { drop } = checkDrops(
    notebook,
    candidates.map((cell) => cell.id),
    submission,
  );
  const fold = notebook.cells.filter((cell) => isOld(cell, round) && !drop.includes(cell.id));
  return [
    ...drop.map((id): Edit => ({ type: "cell-dropped", id })),
    ...fold.map(({ id }): Edit => ({ type: "cell-marked", id, mark: { folded: true } })),
  ];
}

/** From the end, so that a later provider that must stay can release an earlier one. */
function lastNeeded(
  notebook: Notebook,
  asked: ReadonlySet<CellId>,
  submission: string,
): { readonly id: CellId; readonly why: string } | null {
  for (const { id } of notebook.cells.toReversed()) {
    if (!asked.has(id)) continue;
    const users = dependentsOf(withoutCells(notebook, asked, id), id, submission);
    if (users.length === 0) continue;
    return {
      id,
      why: `needed by ${users.map((user) => `${user.id} (${user.names.join(", ")})`).join(", ")}`,
    };
  }
  return null;
}

function reasonToKeep(cell: Cell | undefined): string | null {
  if (cell === undefined) return "there is no such cell";
  if (markOf(cell).role === "task") return "it belongs to the task";
  return markOf(cell).pinned === true ? "it is pinned" : null;
}

/** The notebook as it would be without these cells, but for `except`; nothing else of it changes. */
export function withoutCells(notebook: Notebook, without: ReadonlySet<CellId>, except?: CellId): Notebook {
  if (without.size === 0) return notebook;
  return { ...notebook, cells: notebook.cells.filter(({ id }) => id === except || !without.has(id)) };
}

function isRepeated(cell: Cell, among: readonly Cell[]): boolean {
  const later = among.slice(among.indexOf(cell) + 1);
  return later.some((other) => other.source.trim() === cell.source.trim() && markOf(other).state === "clean");
}

function isOld(cell: Cell, round: number): boolean {
  const mark = markOf(cell);
  return mark.round < round && mark.role !== "task" && mark.pinned !== true && mark.folded !== true;
}
