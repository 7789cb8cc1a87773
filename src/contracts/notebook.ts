// Owns: the notebook value: nbformat 4.5, immutable, with nbevolve's marks under one metadata key. Types only.
import type { IDisplayData, IError, IExecuteResult, IStream } from "@jupyterlab/nbformat";
import type { Json } from "./json.ts";

/** Stable and short (`c1`, `c2`, ...); never a position, never used twice in one lineage. */
export type CellId = string;

/** One output as nbformat stores it; multi-line strings are joined, and nothing is shortened. */
export type Output = IStream | IDisplayData | IExecuteResult | IError;

/**
 * What is known about a code cell and the kernel: `clean` ran and nothing it uses has changed since;
 * `failed` raised, timed out or was interrupted; `stale` ran, but something it uses changed;
 * `dirty` was edited after it ran; `unexecuted` never ran.
 */
export type CellState = "clean" | "failed" | "stale" | "dirty" | "unexecuted";

/** Why a cell is there. `task` cells came with the task and are never dropped. */
export type CellRole = "task" | "plan" | "summary" | "note" | "code";

/** nbevolve's marks on a cell, at `cell.metadata.nbevolve`. */
export interface CellMark {
  readonly role: CellRole;
  /** The round that wrote the cell, counted along the lineage; 0 for the founder's cells. */
  readonly round: number;
  readonly state?: CellState;
  readonly folded?: boolean;
  readonly pinned?: boolean;
  /** One line that stands for the cell when it is folded. */
  readonly summary?: string;
  /** Milliseconds of the last execution. */
  readonly durationMs?: number;
  /** Where a crossover took the cell from. */
  readonly from?: { readonly branch: string; readonly cell: CellId };
}

/** Metadata of a cell; nbevolve keeps its own under `nbevolve`. */
export interface CellMetadata {
  readonly nbevolve?: CellMark;
  readonly tags?: readonly string[];
  readonly [key: string]: unknown;
}

interface CellBase {
  readonly id: CellId;
  readonly source: string;
  readonly metadata: CellMetadata;
}
/** A cell of code, with its outputs. */
export interface CodeCell extends CellBase {
  readonly cell_type: "code";
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}
/** A cell of Markdown, or a raw one. */
export interface TextCell extends CellBase {
  readonly cell_type: "markdown" | "raw";
  readonly attachments?: { readonly [name: string]: { readonly [mime: string]: string } };
}
/** A Jupyter cell, always. (A MAP-Elites cell is a niche.) */
export type Cell = CodeCell | TextCell;

/** Metadata of a notebook; nbevolve keeps its own under `nbevolve`. */
export interface NotebookMetadata {
  readonly nbevolve?: { readonly [key: string]: Json };
  readonly [key: string]: unknown;
}

/** An nbformat 4.5 document. `JSON.stringify` of it is a valid `.ipynb`. */
export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: 5;
  readonly metadata: NotebookMetadata;
  readonly cells: readonly Cell[];
}

/** The only way a notebook changes. Unknown ids are a programming error: `applyEdits` throws. */
export type Edit =
  /** Inserts after the named cell, or at the end when `after` is absent. */
  | { readonly type: "cell-added"; readonly cell: Cell; readonly after?: CellId }
  | { readonly type: "cell-rewritten"; readonly id: CellId; readonly source: string }
  | {
      readonly type: "cell-ran";
      readonly id: CellId;
      readonly outputs: readonly Output[];
      readonly status: ExecutionStatus;
      readonly durationMs: number;
    }
  /** Removes the cell from the notebook and its executions from the recipe. */
  | { readonly type: "cell-dropped"; readonly id: CellId }
  | {
      readonly type: "cell-marked";
      readonly id: CellId;
      readonly mark: Partial<Omit<CellMark, "role" | "round">>;
    };

/** `interrupted`: stopped at its time limit or by an abort. `died`: the kernel was lost while it ran. */
export type ExecutionStatus = "ok" | "error" | "interrupted" | "died";
