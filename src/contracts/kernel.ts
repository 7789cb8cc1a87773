// Owns: live kernels: leasing one, running code in it, and the recipe that can rebuild its state. Types only.
import type { Json } from "./json.ts";
import type { CellId, ExecutionStatus, Output } from "./notebook.ts";

/** One execution, in the order of execution. Only `ok` and `error` steps are replayed. */
export interface RecipeStep {
  readonly cell: CellId;
  readonly source: string;
  readonly status: ExecutionStatus;
}

/**
 * Everything needed to get a kernel back. The recipe is the truth; anything faster (a live process, a
 * snapshot file) is a cache that a pool keeps for itself, found by the recipe's content.
 */
export interface KernelState {
  readonly recipe: readonly RecipeStep[];
}

/** How a lease got its parent's state. `fresh`: there was nothing to restore. `reuse`: the parent's own live kernel. */
export type RestoreTier = "fresh" | "reuse" | "fork" | "thaw" | "replay";

/** How a lease got the state that was asked for. */
export interface Restored {
  readonly tier: RestoreTier;
  readonly durationMs: number;
  /** What differs from the parent's state, in words for the model; empty when nothing does. */
  readonly differences: readonly string[];
  /** Why a faster tier was refused or failed; absent when none did. */
  readonly reason?: string | undefined;
}

/** How the execution of a cell ended, and what it put out. */
export interface Execution {
  readonly status: ExecutionStatus;
  /** As nbformat stores them, bounded in size; a part that was left out is replaced by a line that says how much. */
  readonly outputs: readonly Output[];
  readonly durationMs: number;
}

/** How long a cell may run, and what ends it early. */
export interface ExecuteOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What the cell is for, in a few words of whoever wrote it; for whoever watches. Default none. */
  readonly title?: string | undefined;
  /** Gets what the cell prints, piece by piece as it comes, for whoever watches; a pool may leave it out. Must not throw. */
  readonly onPrinted?: ((text: string) => void) | undefined;
}

/** Lends out live kernels. A lease belongs to one episode and is returned by disposing of it. */
export interface KernelPool extends AsyncDisposable {
  /** @throws RunError `kernel-unavailable` when no kernel can be started at all. */
  lease(
    from: KernelState,
    options: {
      readonly signal: AbortSignal;
      /** Directory name of this lease's own workspace, unique in the run; emptied before use. */
      readonly workspace: string;
      /** Limit for each replayed step. */
      readonly timeoutMs: number;
      /** No cell of a model will run on it: it may hand on its state where those of models may not. Default false. */
      readonly trusted?: boolean;
    },
  ): Promise<KernelLease>;
  /** Resolves when nothing is made in the background for leases to come. Absent where nothing ever is. */
  idle?(): Promise<void>;
}

/** A live kernel, for one user until it is given back. */
export interface KernelLease extends AsyncDisposable {
  readonly restored: Restored;
  /**
   * The state that this kernel began with, and to go on from, when replayed steps ended otherwise than before. Absent
   * when it is the state that was asked for.
   */
  readonly instead?: KernelState | undefined;
  /**
   * Runs one cell. An exception, a time-out and the death of the kernel are results, not errors. After
   * `died` the lease is lost: later calls throw `KernelLost`, and the caller leases again from a state.
   * @throws the signal's reason when aborted (the cell is interrupted first).
   */
  execute(source: string, options: ExecuteOptions): Promise<Execution>;
  /**
   * The value of an expression as data, never through stdout. Floats are exact. Leaves user state as it is.
   * A missing name, an exception, a time-out or a value that is not data is `{ ok: false }`.
   * @throws KernelLost | the signal's reason when aborted.
   */
  evaluate(expression: string, options: ExecuteOptions): Promise<Evaluation>;
  /**
   * Keeps the present state so that later leases from `state` are fast. It is a cache: the state is kept only when this
   * kernel executed exactly what the recipe says, and losing it costs time, never correctness.
   */
  checkpoint(state: KernelState, options: ExecuteOptions): Promise<void>;
  /**
   * Describes what the user's names hold now, for comparison with another kernel; null when it cannot. The method is
   * absent when kernels do not describe themselves.
   */
  describe?(options: ExecuteOptions): Promise<StateDescription | null>;
  /**
   * Says in words for a model what the user's names hold, and where the last exception came from; null when it cannot. Runs
   * no code of the user's and changes nothing. The method is absent when kernels cannot say it.
   * @throws KernelLost | the signal's reason when aborted.
   */
  sketch?(options: ExecuteOptions): Promise<KernelSketch | null>;
}

/** What is in a kernel, in short. */
export interface KernelSketch {
  /** By name, in the order of their first definition: `f(x, y)`, `w: ndarray (40,)`, `np: module`. */
  readonly names: ReadonlyMap<string, string>;
  /** Null when no exception came from a cell. */
  readonly fault: KernelFault | null;
}

/** Where the last exception left the user's own code. */
export interface KernelFault {
  readonly error: string;
  /** Counted from 1 in its cell. */
  readonly line: number;
  /** What the names in that line held: `x = 3.5`, `w: ndarray (40,)`. */
  readonly values: readonly string[];
}

/** By name: the type of its value, and a hash of the content when that is plain data. */
export type StateDescription = Readonly<Record<string, readonly [type: string, content: string | null]>>;

/**
 * A value that left the kernel, bit for bit. JSON, extended by tagged objects for what JSON through Node cannot
 * say: `{ "$float": "1.0" | "-0.0" | "nan" | "inf" | "-inf" }` for floats that it would lose or turn into integers,
 * `{ "$int": "123..." }` beyond 2^53, `{ "$complex": [re, im] }`, and `{ "$array": { "dtype", "shape", "npy" } }`
 * (base64 of a .npy file) for arrays. A key of a dict that begins with `$` is written with two.
 */
export type Submission = Json;

/** The value of an expression in a kernel as JSON, or why there is none. */
export type Evaluation =
  | { readonly ok: true; readonly value: Submission }
  | { readonly ok: false; readonly name: string; readonly message: string };
