// Owns: an episode's hold on its kernel. One that is lost is leased again from the state that it had.
// Never runs a cell and never changes a notebook.
import { KernelLost } from "../core/errors.ts";
import type { KernelLease, KernelPool, KernelState, Restored } from "../contracts/index.ts";

export interface KernelHoldParts {
  readonly openKernels: () => Promise<KernelPool>;
  /** Limit of each cell that is run again. */
  readonly timeoutMs: number;
  /** The state that a kernel is to have. */
  readonly wanted: () => KernelState;
  /** A kernel began with another state than was wanted: what follows goes on from this one. */
  readonly began: (instead: KernelState) => void;
}

/** A kernel may be lost this often in an episode before the episode is given up. */
const MOST_LOSSES = 2;

export class KernelHold implements AsyncDisposable {
  readonly #parts: KernelHoldParts;
  #lease: KernelLease | null = null;
  #workspace = "";
  #losses = 0;

  constructor(parts: KernelHoldParts) {
    this.#parts = parts;
  }

  /** How the present kernel got its state; null when there is none. */
  get restored(): Restored | null {
    return this.#lease?.restored ?? null;
  }

  /** Leases a kernel for a new episode. @throws RunError `kernel-unavailable`. */
  async begin(workspace: string, signal: AbortSignal): Promise<KernelLease> {
    this.#workspace = workspace;
    this.#losses = 0;
    return this.#lend(signal);
  }

  /** A kernel that was lost between two uses is restored, and used once more. @throws KernelLost. */
  async use<T>(signal: AbortSignal, use: (lease: KernelLease) => Promise<T>): Promise<T> {
    try {
      return await use(this.#lease ?? (await this.#lend(signal)));
    } catch (error) {
      if (!(error instanceof KernelLost)) throw error;
      return use(await this.restore(signal, error.message));
    }
  }

  /** Leases another kernel in place of the lost one. @throws KernelLost when that happened too often. */
  async restore(signal: AbortSignal, why: string): Promise<KernelLease> {
    this.#losses += 1;
    if (this.#losses > MOST_LOSSES) throw new KernelLost(`the kernel was lost ${this.#losses} times: ${why}`);
    return this.#lend(signal);
  }

  /** Leases a kernel in the wanted state in place of this one, which is not lost. @throws KernelLost. */
  async goBack(signal: AbortSignal): Promise<void> {
    await this.#lend(signal);
  }

  /** Lets the pool keep this kernel's state for the children. */
  async checkpoint(state: KernelState, signal: AbortSignal): Promise<void> {
    await this.#lease?.checkpoint(state, { timeoutMs: this.#parts.timeoutMs, signal });
  }

  /** The kernel as it is; null when there is none. */
  get lease(): KernelLease | null {
    return this.#lease;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    await lease?.[Symbol.asyncDispose]();
  }

  async #lend(signal: AbortSignal): Promise<KernelLease> {
    await this[Symbol.asyncDispose]();
    const { openKernels, timeoutMs, wanted, began } = this.#parts;
    const kernels = await openKernels();
    const lease = await kernels.lease(wanted(), { signal, workspace: this.#workspace, timeoutMs });
    this.#lease = lease;
    // What a replay left out is no part of what follows: the branch's recipe must give the branch's state.
    if (lease.instead !== undefined) began(lease.instead);
    return lease;
  }
}
