// Owns: what becomes of a notebook that a person brings into a run. Never runs it.
import type { Cell, CellMark, Notebook } from "../../contracts/index.ts";
import { isCode, markOf } from "./notebook.ts";

/** Tags of cells that a task notebook has for the task's own use. */
const TASK_TAGS: readonly string[] = ["parameters", "injected-parameters", "setup", "verifier", "holdout"];

/**
 * The task's own cells as the founder has them, then the others of the given notebook in their order, not run yet. So a
 * branch that was saved, a copy of the task's notebook with another solution, and a notebook of a solution alone all work.
 */
export function adoptNotebook(founder: Notebook, given: Notebook): Notebook {
  const own = founder.cells.filter((cell) => markOf(cell).role === "task");
  const known = new Set(own.map(({ source }) => source.trim()));
  const brought = given.cells.filter((cell) => !isTheTasks(cell) && !known.has(cell.source.trim()));
  const taken = new Set(own.map(({ id }) => id));
  let last = 0;
  const freeId = (): string => {
    do last += 1;
    while (taken.has(`c${last}`));
    return `c${last}`;
  };
  return { ...founder, cells: [...own, ...brought.map((cell) => freshCell(cell, freeId()))] };
}

function isTheTasks(cell: Cell): boolean {
  const isTagged = cell.metadata.tags?.some((tag) => TASK_TAGS.includes(tag)) === true;
  return isTagged || markOf(cell).role === "task" || cell.source.trim() === "";
}

/** The cell without outputs and without the marks of another run. */
function freshCell(cell: Cell, id: string): Cell {
  const { execution: _, nbevolve: __, ...metadata } = cell.metadata;
  if (isCode(cell)) {
    const mark: CellMark = { role: "code", round: 0, state: "unexecuted" };
    return { ...cell, id, metadata: { ...metadata, nbevolve: mark }, outputs: [], execution_count: null };
  }
  const { role } = markOf(cell);
  const mark: CellMark = { role: role === "plan" || role === "summary" ? role : "note", round: 0 };
  return { ...cell, id, metadata: { ...metadata, nbevolve: mark } };
}
