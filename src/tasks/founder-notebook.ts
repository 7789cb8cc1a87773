// Owns: the first notebook of a run: the task's cells without what judges them, never run.
import { codeCell, emptyNotebook, isCode } from "../core/notebook/notebook.ts";
import type { Cell, CellId, CellMark, Notebook, NotebookMetadata } from "../contracts/index.ts";
import type { TaskCell } from "./task-cells.ts";

export interface Founder {
  readonly notebook: Notebook;
  /** Each cell as the task's author knows it, by its id here: number, tag or role, first line. */
  readonly places: Readonly<Record<CellId, string>>;
}

/**
 * The cells in the notebook's order, with ids `c1`, `c2`, ... `injected`: a cell after the parameters, in place
 * of one that is there.
 */
export function founderNotebook(
  metadata: NotebookMetadata,
  cells: readonly TaskCell[],
  injected: string | null,
): Founder {
  const kept = cells.filter(({ role }) => role !== "verifier" && role !== "holdout");
  const shown = kept.flatMap((cell) => {
    const own = { cell: freshCell(cell), place: cell.place };
    if (injected === null) return [own];
    if (cell.role === "injected-parameters") return [];
    const overrides = { cell: injectedCell(injected), place: "the cell of overridden parameters" };
    return cell.role === "parameters" ? [own, overrides] : [own];
  });
  return {
    notebook: {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: founderMetadata(metadata),
      cells: shown.map(({ cell }, i) => ({ ...cell, id: `c${i + 1}` })),
    },
    places: Object.fromEntries(shown.map(({ place }, i) => [`c${i + 1}`, place])),
  };
}

function injectedCell(source: string): Cell {
  const cell = codeCell("injected", source, { role: "task", round: 0 });
  return { ...cell, metadata: { ...cell.metadata, tags: ["injected-parameters"] } };
}

/** Without outputs, counts and the times of earlier runs. */
function freshCell({ cell, role }: TaskCell): Cell {
  const { execution: _, ...metadata } = cell.metadata;
  if (!isCode(cell)) {
    const mark: CellMark = { role: role === "statement" ? "task" : "note", round: 0 };
    return { ...cell, metadata: { ...metadata, nbevolve: mark } };
  }
  const mark: CellMark = { role: role === "founder" ? "code" : "task", round: 0, state: "unexecuted" };
  return { ...cell, metadata: { ...metadata, nbevolve: mark }, outputs: [], execution_count: null };
}

/** The task's settings and the state of widgets stay behind; a kernel is named, so that Jupyter can open it. */
function founderMetadata(metadata: NotebookMetadata): NotebookMetadata {
  const { nbevolve: _, widgets: __, papermill: ___, ...rest } = metadata;
  return { ...emptyNotebook().metadata, ...rest };
}
