// Owns: running a notebook's code cells from top to bottom in a leased kernel. Never judges what came of them.
import { advanceState, isCode, type NotebookState } from "../core/notebook/notebook.ts";
import type { CodeCell, Execution, ExecutionStatus, KernelLease, Notebook } from "../contracts/index.ts";

/** One cell, as it was before it ran, and what running it gave. */
export interface ExecutedCell {
  readonly cell: CodeCell;
  readonly execution: Execution;
}

/** The notebook with its new outputs, and the recipe of its kernel. */
export interface NotebookRun extends NotebookState {
  /** In notebook order. */
  readonly executed: readonly ExecutedCell[];
  /** The last of them, where it ended the run; null when every cell had its turn. */
  readonly stoppedBy: ExecutedCell | null;
}

export interface NotebookRunOptions {
  /** Limit of each cell. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Cells that are left out. Default: none. */
  readonly skip?: (cell: CodeCell) => boolean;
  /** What ends the run. Default: every status but `ok`. */
  readonly stopsAt?: (status: ExecutionStatus) => boolean;
}

/** @throws KernelLost when the kernel was gone before a cell began; the signal's reason when aborted. */
export async function runNotebook(
  lease: Pick<KernelLease, "execute">,
  notebook: Notebook,
  options: NotebookRunOptions,
): Promise<NotebookRun> {
  const { timeoutMs, signal, skip = () => false, stopsAt = (status) => status !== "ok" } = options;
  let state: NotebookState = { notebook, kernel: { recipe: [] } };
  const executed: ExecutedCell[] = [];
  for (const cell of notebook.cells.filter(isCode)) {
    if (skip(cell)) continue;
    const execution = await lease.execute(cell.source, { timeoutMs, signal });
    state = advanceState(state, [{ type: "cell-ran", id: cell.id, ...execution }]);
    const done = { cell, execution };
    executed.push(done);
    if (stopsAt(execution.status)) return { ...state, executed, stoppedBy: done };
  }
  return { ...state, executed, stoppedBy: null };
}
