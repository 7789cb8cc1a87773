// Owns: the notebook value, the recipe of the kernel behind it, and the one way both change.
import type {
  Cell,
  CellId,
  CellMark,
  CellMetadata,
  CodeCell,
  Edit,
  ExecutionStatus,
  JsonObject,
  Notebook,
  KernelState,
} from "../../contracts/index.ts";
import { cleanSource } from "../untrusted.ts";

/** A notebook without cells, for the Python kernel. */
export function emptyNotebook(): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      language_info: { name: "python" },
    },
    cells: [],
  };
}

export function isCode(cell: Cell): cell is CodeCell {
  return cell.cell_type === "code";
}

/** nbevolve's mark of a cell, with the defaults of one that has none. */
export function markOf(cell: Cell): CellMark {
  return cell.metadata.nbevolve ?? { role: isCode(cell) ? "code" : "note", round: 0 };
}

/** The cell, or undefined when the notebook has none of that id. */
export function findCell(notebook: Notebook, id: CellId): Cell | undefined {
  return notebook.cells.find((cell) => cell.id === id);
}

/** The next `c<number>` that no cell of this lineage has had, dropped ones included. */
export function nextCellId(notebook: Notebook): CellId {
  return `c${countCells(notebook) + 1}`;
}

/** A new code cell that has not run. */
export function codeCell(id: CellId, source: string, mark: CellMark): CodeCell {
  return {
    cell_type: "code",
    id,
    metadata: { nbevolve: { ...mark, state: "unexecuted" } },
    execution_count: null,
    outputs: [],
    source,
  };
}

export function markdownCell(id: CellId, source: string, mark: CellMark): Cell {
  return { cell_type: "markdown", id, metadata: { nbevolve: mark }, source };
}

/** @throws RangeError for an id that is not there (or, when adding, is there already). */
export function applyEdit(notebook: Notebook, edit: Edit): Notebook {
  switch (edit.type) {
    case "cell-added":
      return addCell(notebook, { ...edit.cell, source: cleanSource(edit.cell.source) }, edit.after);
    case "cell-rewritten":
      return changeCell(notebook, edit.id, (cell) => rewriteCell(cell, cleanSource(edit.source)));
    case "cell-ran":
      return recordExecution(notebook, edit);
    case "cell-dropped":
      positionOf(notebook, edit.id);
      return { ...notebook, cells: notebook.cells.filter((cell) => cell.id !== edit.id) };
    case "cell-marked":
      return changeCell(notebook, edit.id, (cell) => updateMark(cell, edit.mark));
  }
}

function rewriteCell(cell: Cell, source: string): Cell {
  if (!isCode(cell)) return { ...cell, source };
  return updateMark({ ...cell, source, outputs: [], execution_count: null }, { state: "dirty" });
}

/** The notebook after the edits, one after the other. */
export function applyEdits(notebook: Notebook, edits: readonly Edit[]): Notebook {
  return edits.reduce(applyEdit, notebook);
}

/** How often a cell has been run in this lineage: the kernel-independent execution count. */
export function countExecutions(notebook: Notebook): number {
  return counterOf(notebook, "executions");
}

function addCell(notebook: Notebook, cell: Cell, after: CellId | undefined): Notebook {
  if (findCell(notebook, cell.id) !== undefined) throw new RangeError(`cell ${cell.id} is there already`);
  const at = after === undefined ? notebook.cells.length : positionOf(notebook, after) + 1;
  const number = Math.max(countCells(notebook), numberOf(cell.id));
  return withMetadata({ ...notebook, cells: notebook.cells.toSpliced(at, 0, cell) }, { cells: number });
}

// Jupyter's own tags: running all cells goes on after a cell that is known to raise, and leaves out one that hangs.
const TAG_OF: Record<ExecutionStatus, string | null> = {
  ok: null,
  error: "raises-exception",
  interrupted: "skip-execution",
  died: "skip-execution",
};

function recordExecution(notebook: Notebook, edit: Extract<Edit, { type: "cell-ran" }>): Notebook {
  const count = countExecutions(notebook) + 1;
  const next = changeCell(notebook, edit.id, (cell) => {
    if (!isCode(cell)) return cell;
    const metadata = withTag(cell.metadata, TAG_OF[edit.status]);
    const state = edit.status === "ok" ? "clean" : "failed";
    return updateMark(
      { ...cell, metadata, outputs: edit.outputs, execution_count: count },
      { state, durationMs: edit.durationMs },
    );
  });
  return withMetadata(next, { executions: count });
}

function withTag(metadata: CellMetadata, tag: string | null): CellMetadata {
  const { tags, ...rest } = metadata;
  const others = (tags ?? []).filter((one) => !Object.values(TAG_OF).includes(one));
  const next = tag === null ? others : [...others, tag];
  return next.length === 0 && tags === undefined ? metadata : { ...rest, tags: next };
}

function changeCell(notebook: Notebook, id: CellId, change: (cell: Cell) => Cell): Notebook {
  const at = positionOf(notebook, id);
  return { ...notebook, cells: notebook.cells.map((cell, i) => (i === at ? change(cell) : cell)) };
}

function updateMark<C extends Cell>(cell: C, mark: Partial<CellMark>): C {
  return { ...cell, metadata: { ...cell.metadata, nbevolve: { ...markOf(cell), ...mark } } };
}

function positionOf(notebook: Notebook, id: CellId): number {
  const at = notebook.cells.findIndex((cell) => cell.id === id);
  if (at < 0) throw new RangeError(`no cell ${id}`);
  return at;
}

/** The notebook with more under its `nbevolve` metadata key. */
export function withMetadata(notebook: Notebook, more: JsonObject): Notebook {
  return {
    ...notebook,
    metadata: { ...notebook.metadata, nbevolve: { ...notebook.metadata.nbevolve, ...more } },
  };
}

/** The highest number that a cell of this lineage has had, dropped ones included. */
export function countCells(notebook: Notebook): number {
  return notebook.cells.reduce(
    (last, cell) => Math.max(last, numberOf(cell.id)),
    counterOf(notebook, "cells"),
  );
}

/** Rounds played in this lineage; 0 for a founder. */
export function countRounds(notebook: Notebook): number {
  return counterOf(notebook, "rounds");
}

function counterOf(notebook: Notebook, name: string): number {
  const value = notebook.metadata.nbevolve?.[name];
  return typeof value === "number" ? value : 0;
}

function numberOf(id: CellId): number {
  const digits = /^c([1-9]\d{0,8})$/.exec(id)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

export interface NotebookState {
  readonly notebook: Notebook;
  readonly kernel: KernelState;
}

/** The state after the edits: a cell that ran joins the kernel's recipe, one that was dropped leaves it. */
export function advanceState(state: NotebookState, edits: readonly Edit[]): NotebookState {
  return edits.reduce(applyToState, state);
}

function applyToState({ notebook, kernel }: NotebookState, edit: Edit): NotebookState {
  return { notebook: applyEdit(notebook, edit), kernel: { recipe: recipeAfter(notebook, kernel, edit) } };
}

function recipeAfter(notebook: Notebook, { recipe }: KernelState, edit: Edit): KernelState["recipe"] {
  switch (edit.type) {
    case "cell-ran":
      return [
        ...recipe,
        { cell: edit.id, source: findCell(notebook, edit.id)?.source ?? "", status: edit.status },
      ];
    case "cell-dropped":
      return recipe.filter((done) => done.cell !== edit.id);
    case "cell-added":
    case "cell-rewritten":
    case "cell-marked":
      return recipe;
  }
}
