// Live kernels: leasing one, running code in it, and the recipe that can rebuild its state.
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

export interface Restored {
  readonly tier: RestoreTier;
  readonly durationMs: number;
  /** What differs from the parent's state, in words for the model; empty when nothing was lost. */
  readonly differences: readonly string[];
  /** Why no faster tier was used, where one was refused or failed. */
  readonly reason?: string | undefined;
}

export interface Execution {
  readonly status: ExecutionStatus;
  /** As nbformat stores them, bounded on the way in; a lost part is replaced by a line that counts it. */
  readonly outputs: readonly Output[];
  readonly durationMs: number;
}

export interface ExecuteOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
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
    },
  ): Promise<KernelLease>;
}

export interface KernelLease extends AsyncDisposable {
  readonly restored: Restored;
  /**
   * Where replayed steps ended otherwise than they had, or were left out: the state that this kernel began with, the
   * one to go on from. Absent where it is the one that was asked for.
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
   * Keeps the present state so that later leases from `state` are fast. A cache: it is kept only where what
   * this kernel executed is exactly what the recipe says, and losing it costs time, never correctness.
   */
  checkpoint(state: KernelState, options: ExecuteOptions): Promise<void>;
  /**
   * What the user's names hold now, to be compared with what they hold elsewhere; null when it cannot be said.
   * Absent where kernels do not describe themselves.
   */
  describe?(options: ExecuteOptions): Promise<StateDescription | null>;
}

/** For each name its type, and a hash of its content where that is plain data. */
export type StateDescription = Readonly<Record<string, readonly [type: string, content: string | null]>>;

/**
 * A value that left the kernel, bit for bit. JSON, extended by tagged objects for what JSON through Node cannot
 * say: `{ "$float": "1.0" | "-0.0" | "nan" | "inf" | "-inf" }` for floats that it would lose or turn into integers,
 * `{ "$int": "123..." }` beyond 2^53, `{ "$complex": [re, im] }`, and `{ "$array": { "dtype", "shape", "npy" } }`
 * (base64 of a .npy file) for arrays. A key of a dict that begins with `$` is written with two.
 */
export type Submission = Json;

export type Evaluation =
  | { readonly ok: true; readonly value: Submission }
  | { readonly ok: false; readonly name: string; readonly message: string };
