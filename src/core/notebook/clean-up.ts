// Owns: what may be dropped from a notebook, and the clean-up when the model does none.
import type { Cell, CellId, Edit, Notebook } from "../../contracts/index.ts";
import { namesOf } from "./dependencies.ts";
import { isCode, markOf } from "./notebook.ts";
import { UsersBelow, type Dependent } from "./users-below.ts";
import { namesIn } from "../python/python-names.ts";

export interface DropVerdict {
  /** May go, in notebook order. */
  readonly drop: readonly CellId[];
  /** Must stay, each with its reason in words. */
  readonly kept: readonly { readonly id: CellId; readonly why: string }[];
}

/** What keeps a cell is named so far: the reason is read by a model. */
const MOST_USERS = 10;
const MOST_NAMES = 10;

/**
 * Which of `ids` can leave the notebook so that it still runs top to bottom: not the task's cells, not pinned
 * ones, and none that provides names to a cell that stays or to the submission.
 */
export function checkDrops(notebook: Notebook, ids: readonly CellId[], submission: string): DropVerdict {
  const kept: { id: CellId; why: string }[] = [];
  const asked = new Set(ids);
  const cells = new Map(notebook.cells.map((cell) => [cell.id, cell]));
  for (const id of asked) {
    const why = reasonToKeep(cells.get(id));
    if (why !== null) {
      asked.delete(id);
      kept.push({ id, why });
    }
  }
  // From the end, so that a later provider that must stay can release an earlier one.
  const below = new UsersBelow();
  below.put("submission", namesIn(submission));
  for (const cell of notebook.cells.toReversed()) {
    if (!isCode(cell)) continue;
    const names = namesOf(cell);
    if (asked.has(cell.id)) {
      const users = below.find(names, MOST_USERS + 1);
      if (users.length === 0) continue;
      asked.delete(cell.id);
      kept.push({ id: cell.id, why: `needed by ${listSome(users.map(describeUser), MOST_USERS)}` });
    }
    below.put(cell.id, names);
  }
  return { drop: notebook.cells.filter((cell) => asked.has(cell.id)).map((cell) => cell.id), kept };
}

function describeUser({ id, names }: Dependent): string {
  return `${id} (${listSome(names, MOST_NAMES)})`;
}

function listSome(words: readonly string[], most: number): string {
  return `${words.slice(0, most).join(", ")}${words.length > most ? " and more" : ""}`;
}

/**
 * The clean-up of a round without a model: drops its failed cells and exact repetitions that nothing needs,
 * folds what is older than the round, and keeps everything that is pinned.
 */
export function tidyNotebook(notebook: Notebook, round: number, submission: string): readonly Edit[] {
  const own = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).round === round);
  const lastClean = new Map<string, number>();
  for (const [at, cell] of own.entries())
    if (markOf(cell).state === "clean") lastClean.set(cell.source.trim(), at);
  const isRepeated = (cell: Cell, at: number): boolean => at < (lastClean.get(cell.source.trim()) ?? 0);
  const candidates = own.filter((cell, at) => markOf(cell).state === "failed" || isRepeated(cell, at));
  const { drop } = checkDrops(
    notebook,
    candidates.map((cell) => cell.id),
    submission,
  );
  const gone = new Set(drop);
  const fold = notebook.cells.filter((cell) => isOld(cell, round) && !gone.has(cell.id));
  return [
    ...drop.map((id): Edit => ({ type: "cell-dropped", id })),
    ...fold.map(({ id }): Edit => ({ type: "cell-marked", id, mark: { folded: true } })),
  ];
}

function reasonToKeep(cell: Cell | undefined): string | null {
  if (cell === undefined) return "there is no such cell";
  if (markOf(cell).role === "task") return "it belongs to the task";
  return markOf(cell).pinned === true ? "it is pinned" : null;
}

/** The notebook as it would be without these cells; nothing else of it changes. */
export function withoutCells(notebook: Notebook, without: ReadonlySet<CellId>): Notebook {
  if (without.size === 0) return notebook;
  return { ...notebook, cells: notebook.cells.filter(({ id }) => !without.has(id)) };
}

function isOld(cell: Cell, round: number): boolean {
  const mark = markOf(cell);
  return mark.round < round && mark.role !== "task" && mark.pinned !== true && mark.folded !== true;
}
