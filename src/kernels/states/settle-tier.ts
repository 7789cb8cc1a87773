// Owns: states that no kernel holds as they are, since cells were dropped from them: each is made once, in the background, for
// all its children. A child that comes before waits no longer than a replay would take it. Never runs a cell itself.
import pLimit from "p-limit";
import { messageOf } from "../../core/errors.ts";
import type { RecipeStep } from "../../contracts/kernel.ts";
import { waitFor } from "../../machine/deadline.ts";
import { prefixKeys, stateKey } from "./recipes.ts";
import type { ExecutedStep } from "./recipes.ts";
import { StateMemory } from "./state-memory.ts";
import type { KernelOffer, RestoreOptions, StartingKernel, Tier } from "./tier.ts";

/** Number of states for which a reason is remembered. */
const MOST_REFUSALS = 2_000;
const NOT_YET = "the state without the cells that were dropped was not ready";
/** Workspaces of states that are being made begin with this. */
export const SETTLING = ".settling-";

export interface SettleParts {
  /** What gives the kernels, once the state is made. */
  readonly forks: Tier;
  /** Milliseconds that the state is expected to take, by the other tiers. */
  expectedMs(steps: readonly RecipeStep[], options: RestoreOptions): Promise<number>;
  /** Makes the state, and a tier keeps it. Resolves to why not, in words; null when it is kept. */
  make(steps: readonly RecipeStep[], options: RestoreOptions): Promise<string | null>;
}

interface Settling {
  /** Begins at once; resolves to null when the state is kept, else to why not. */
  readonly done: () => Promise<string | null>;
  readonly remainingMs: () => number;
}

export class SettleTier implements Tier {
  readonly name = "fork";
  readonly #parts: SettleParts;
  /** By the key of the state. */
  readonly #settling = new Map<string, Settling>();
  readonly #refusals = new StateMemory<string>(MOST_REFUSALS);
  readonly #stop = new AbortController();
  /** Others need the processors, too; a child that waits goes first. */
  readonly #inTurn = pLimit(1);
  #count = 0;

  constructor(parts: SettleParts) {
    this.#parts = parts;
  }

  /** Makes the state when its turn comes. `timeoutMs`: limit of each cell. */
  async settle(steps: readonly RecipeStep[], timeoutMs: number): Promise<void> {
    const key = stateKey(steps);
    if (steps.length === 0 || this.#settling.has(key) || this.#stop.signal.aborted) return;
    const { signal } = this.#stop;
    const options = { timeoutMs, signal, workspace: `${SETTLING}${(this.#count += 1)}` };
    const expectedMs = await this.#parts.expectedMs(steps, options);
    const settling = this.#begin(key, steps, expectedMs, options);
    this.#settling.set(key, settling);
    this.#refusals.set(key, NOT_YET);
    void this.#inTurn(settling.done);
  }

  async offer(steps: readonly RecipeStep[], options: RestoreOptions): Promise<KernelOffer | null> {
    for (const [index, key] of [...prefixKeys(steps).entries()].toReversed()) {
      const settling = this.#settling.get(key);
      if (settling === undefined) continue;
      const costMs = settling.remainingMs();
      const take = (): Promise<StartingKernel | null> => this.#take(settling, steps, index + 1, options);
      return { tier: this.name, holds: index + 1, costMs, take };
    }
    return null;
  }

  refusal(steps: readonly ExecutedStep[], held: number): string | null {
    for (const key of prefixKeys(steps).slice(held).toReversed()) {
      const reason = this.#refusals.get(key);
      if (reason !== undefined) return `not forked: ${reason}`;
    }
    return null;
  }

  /** Resolves when every state that was to be made is, or cannot be. */
  async idle(): Promise<void> {
    while (this.#settling.size > 0) await Promise.all([...this.#settling.values()].map(({ done }) => done()));
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("The pool is closed."));
    await this.idle();
  }

  #begin(key: string, steps: readonly RecipeStep[], expectedMs: number, options: RestoreOptions): Settling {
    let began: number | null = null;
    let done: Promise<string | null> | null = null;
    const work = async (): Promise<string | null> => {
      began = performance.now();
      const problem = await this.#parts.make(steps, options).catch(messageOf);
      if (problem === null) this.#refusals.delete(key);
      else this.#refusals.set(key, problem);
      this.#settling.delete(key);
      return problem;
    };
    return {
      done: () => (done ??= work()),
      remainingMs() {
        const elapsedMs = began === null ? 0 : performance.now() - began;
        // What takes longer than it was expected to takes as long again, for all that is known.
        return elapsedMs < expectedMs ? expectedMs - elapsedMs : elapsedMs;
      },
    };
  }

  /** Null when it cannot be made: a replay is the next best then. Its cells have their limits, so it ends. */
  async #take(
    settling: Settling,
    steps: readonly RecipeStep[],
    holds: number,
    options: RestoreOptions,
  ): Promise<StartingKernel | null> {
    const waited = await waitFor(settling.done(), Infinity, options.signal);
    options.signal.throwIfAborted();
    if (waited.how !== "settled" || waited.value !== null) return null;
    const offer = await this.#parts.forks.offer(steps, options);
    return offer === null || offer.holds < holds ? null : offer.take();
  }
}
