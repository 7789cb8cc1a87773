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

/** Whether the cell is one of code. */
export function isCode(cell: Cell): cell is CodeCell {
  return cell.cell_type === "code";
}

/** nbevolve's mark of a cell, with the defaults of one that has none. */
export function markOf(cell: Cell): CellMark {
  return cell.metadata.nbevolve ?? { role: isCode(cell) ? "code" : "note", round: 0 };
}

/** Whether the kernel holds what the cell gives: it ran without an error, and was not rewritten since. */
export function hasRun(cell: Cell): boolean {
  const { state } = markOf(cell);
  return state === "clean" || state === "stale";
}

/** The cell, or undefined when the notebook has none of that id. */
export function findCell(notebook: Notebook, id: CellId): Cell | undefined {
  return notebook.cells.find((cell) => cell.id === id);
}

/** The ids of all cells: where many are looked for. */
export function idsOf(cells: readonly Cell[]): ReadonlySet<CellId> {
  return new Set(cells.map(({ id }) => id));
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

/**
 * The notebook after the edits, one after the other.
 * @throws RangeError for an id that is not there (or, when adding, is there already).
 */
export function applyEdits(notebook: Notebook, edits: readonly Edit[]): Notebook {
  if (edits.length === 0) return notebook;
  const draft = new NotebookDraft(notebook);
  for (const edit of edits) draft.apply(edit);
  return draft.finish();
}

/** A notebook while it changes: an edit takes no longer where there are many cells, unless it puts one between them. */
class NotebookDraft {
  readonly #before: Notebook;
  #cells: Map<CellId, Cell>;
  readonly #counters: Record<string, number> = {};

  constructor(before: Notebook) {
    this.#before = before;
    this.#cells = new Map(before.cells.map((cell) => [cell.id, cell]));
  }

  apply(edit: Edit): void {
    switch (edit.type) {
      case "cell-added":
        return this.#add({ ...edit.cell, source: cleanSource(edit.cell.source) }, edit.after);
      case "cell-rewritten":
        return this.#change(edit.id, (cell) => rewriteCell(cell, cleanSource(edit.source)));
      case "cell-ran": {
        const count = (this.#counters["executions"] ?? countExecutions(this.#before)) + 1;
        this.#change(edit.id, (cell) => recordExecution(cell, edit, count));
        this.#counters["executions"] = count;
        return;
      }
      case "cell-dropped":
        this.#cells.delete(this.cell(edit.id).id);
        return;
      case "cell-marked":
        return this.#change(edit.id, (cell) => updateMark(cell, edit.mark));
    }
  }

  cell(id: CellId): Cell {
    const cell = this.#cells.get(id);
    if (cell === undefined) throw new RangeError(`no cell ${id}`);
    return cell;
  }

  finish(): Notebook {
    const cells = [...this.#cells.values()];
    const isCounted = Object.keys(this.#counters).length > 0;
    return { ...(isCounted ? withMetadata(this.#before, this.#counters) : this.#before), cells };
  }

  #add(cell: Cell, after: CellId | undefined): void {
    if (this.#cells.has(cell.id)) throw new RangeError(`cell ${cell.id} is there already`);
    const last = this.#counters["cells"] ?? countCells(this.finish());
    if (after === undefined) this.#cells.set(cell.id, cell);
    else {
      const cells = [...this.#cells.values()];
      cells.splice(cells.indexOf(this.cell(after)) + 1, 0, cell);
      this.#cells = new Map(cells.map((one) => [one.id, one]));
    }
    this.#counters["cells"] = Math.max(last, numberOf(cell.id));
  }

  #change(id: CellId, change: (cell: Cell) => Cell): void {
    this.#cells.set(id, change(this.cell(id)));
  }
}

function rewriteCell(cell: Cell, source: string): Cell {
  if (!isCode(cell)) return { ...cell, source };
  return updateMark({ ...cell, source, outputs: [], execution_count: null }, { state: "dirty" });
}

/** How often a cell has been run in this lineage: the kernel-independent execution count. */
export function countExecutions(notebook: Notebook): number {
  return counterOf(notebook, "executions");
}

// Jupyter's own tags: running all cells goes on after a cell that is known to raise, and leaves out one that hangs.
const TAG_OF: Record<ExecutionStatus, string | null> = {
  ok: null,
  error: "raises-exception",
  interrupted: "skip-execution",
  died: "skip-execution",
};

function recordExecution(cell: Cell, edit: Extract<Edit, { type: "cell-ran" }>, count: number): Cell {
  if (!isCode(cell)) return cell;
  const { outputs, durationMs, status } = edit;
  const metadata = withTag(cell.metadata, TAG_OF[status]);
  const state = status === "ok" ? "clean" : "failed";
  return updateMark({ ...cell, metadata, outputs, execution_count: count }, { state, durationMs });
}

function withTag(metadata: CellMetadata, tag: string | null): CellMetadata {
  const { tags, ...rest } = metadata;
  const others = (tags ?? []).filter((one) => !Object.values(TAG_OF).includes(one));
  const next = tag === null ? others : [...others, tag];
  return next.length === 0 && tags === undefined ? metadata : { ...rest, tags: next };
}

function updateMark<C extends Cell>(cell: C, mark: Partial<CellMark>): C {
  return { ...cell, metadata: { ...cell.metadata, nbevolve: { ...markOf(cell), ...mark } } };
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

/** A notebook, and the kernel state that goes with it. */
export interface NotebookState {
  readonly notebook: Notebook;
  readonly kernel: KernelState;
}

/** The state after the edits: a cell that ran joins the kernel's recipe, one that was dropped leaves it. */
export function advanceState(state: NotebookState, edits: readonly Edit[]): NotebookState {
  if (edits.length === 0) return state;
  const draft = new NotebookDraft(state.notebook);
  const recipe = [...state.kernel.recipe];
  /** Up to where of the recipe a cell has left it. */
  const left = new Map<CellId, number>();
  for (const edit of edits) {
    draft.apply(edit);
    if (edit.type === "cell-dropped") left.set(edit.id, recipe.length);
    if (edit.type === "cell-ran")
      recipe.push({ cell: edit.id, source: draft.cell(edit.id).source, status: edit.status });
  }
  const isLeft = ({ cell }: { readonly cell: CellId }, at: number): boolean => at < (left.get(cell) ?? 0);
  return { notebook: draft.finish(), kernel: { recipe: recipe.filter((done, at) => !isLeft(done, at)) } };
}
