// Owns: the first notebook of a run: the task's cells without what judges them, never run.
import { codeCell, emptyNotebook, isCode } from "../core/notebook.ts";
import type { Cell, CellMark, Notebook, NotebookMetadata } from "../spec/index.ts";
import type { TaskCell } from "./task-cells.ts";

/**
 * The cells in the notebook's order, with ids `c1`, `c2`, ... `injected`: a cell after the parameters, in place
 * of one that is there.
 */
export function founderNotebook(
  metadata: NotebookMetadata,
  cells: readonly TaskCell[],
  injected: string | null,
): Notebook {
  const kept = cells.filter(({ role }) => role !== "verifier" && role !== "holdout");
  const shown = kept.flatMap((cell) => {
    if (injected === null) return [fresh(cell)];
    if (cell.role === "injected-parameters") return [];
    return cell.role === "parameters" ? [fresh(cell), injectedCell(injected)] : [fresh(cell)];
  });
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: founderMetadata(metadata),
    cells: shown.map((cell, i) => ({ ...cell, id: `c${i + 1}` })),
  };
}

function injectedCell(source: string): Cell {
  const cell = codeCell("injected", source, { role: "task", round: 0 });
  return { ...cell, metadata: { ...cell.metadata, tags: ["injected-parameters"] } };
}

/** Without outputs, counts and the times of earlier runs. */
function fresh({ cell, role }: TaskCell): Cell {
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
