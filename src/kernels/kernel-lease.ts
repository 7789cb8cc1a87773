// Owns: one episode's right to a live kernel, and the record of what ran on it. Never restores and never starts one.
import pLimit from "p-limit";
import type {
  Evaluation,
  ExecuteOptions,
  Execution,
  KernelLease,
  KernelSketch,
  KernelState,
  Restored,
  StateDescription,
} from "../contracts/kernel.ts";
import type { LiveKernel } from "./jupyter/contracts.ts";
import { callKernelHelper } from "./jupyter/kernel-helper.ts";
import type { HelperValue } from "./jupyter/helper-values.ts";
import { replayable, stateKey } from "./states/recipes.ts";
import type { ExecutedStep } from "./states/recipes.ts";
import type { RestoredKernel } from "./states/restore.ts";
import { describeKernel, descriptionOf } from "./states/state-description.ts";

/** What a lease asks of its pool. */
export interface LeaseOwner {
  run(kernel: LiveKernel, source: string, options: ExecuteOptions): Promise<Execution>;
  /** Keeps the state of the kernel, which executed exactly these steps, where that is possible. */
  keep(kernel: LiveKernel, steps: readonly ExecutedStep[], options: ExecuteOptions): Promise<void>;
  /** The same in the middle of a round, where that is worth it. */
  keepPassing(kernel: LiveKernel, steps: readonly ExecutedStep[], options: ExecuteOptions): Promise<void>;
  /** The state is wanted, and this kernel does not hold it: it ran cells that were dropped. */
  settle(state: KernelState, options: ExecuteOptions): Promise<void>;
  /** Another kernel with these steps in place of one that hung because it was forked. */
  replace(hung: LiveKernel, steps: readonly ExecutedStep[], options: ExecuteOptions): Promise<RestoredKernel>;
  /** Takes the kernel back. `steps`: what it executed, when its state is known exactly and was checkpointed; else null. */
  takeBack(kernel: LiveKernel, steps: readonly ExecutedStep[] | null): Promise<void>;
}

export class LeasedKernel implements KernelLease {
  readonly instead: KernelState | undefined;
  readonly #owner: LeaseOwner;
  #held: RestoredKernel;
  /** Never changed in place: kept states hold on to what it was. */
  #executed: readonly ExecutedStep[];
  /** The key of the state that the pool may keep: known exactly, and asked for. */
  #marked: string | null;
  /** False once something ran that left no exact state: it was stopped half-way. */
  #isExact = true;
  /** False once cells were dropped: what the kernel holds from then on is no state of a branch. */
  #isClean = true;
  /** A template of the middle of the round that is being made: the kernel is needed for it. */
  #passing: Promise<void> = Promise.resolve();
  #givenBack: Promise<void> | undefined;
  /** A kernel runs one request at a time; a deadline begins when its request's turn has come. */
  readonly #oneAtATime = pLimit(1);

  constructor(first: RestoredKernel, owner: LeaseOwner) {
    this.instead = first.instead;
    this.#owner = owner;
    this.#held = first;
    this.#executed = first.executed;
    const isParents = first.restored.differences.length === 0 && first.executed.length > 0;
    this.#marked = isParents ? stateKey(first.executed) : null;
  }

  get restored(): Restored {
    return this.#held.restored;
  }

  execute(source: string, options: ExecuteOptions): Promise<Execution> {
    return this.#oneAtATime(() => this.#execute(source, options));
  }

  evaluate(expression: string, options: ExecuteOptions): Promise<Evaluation> {
    return this.#oneAtATime(async () => {
      const answer = await callKernelHelper(this.#held.kernel, "evaluate", expression, options);
      if (answer.how === "answered") return answer.value;
      if (answer.how === "failed") return { ok: false, name: answer.name, message: answer.message };
      const message = `it took longer than ${options.timeoutMs / 1000} s`;
      return { ok: false, name: "TimeoutError", message };
    });
  }

  describe(options: ExecuteOptions): Promise<StateDescription | null> {
    return this.#oneAtATime(async () => descriptionOf(await describeKernel(this.#held.kernel, options)));
  }

  sketch(options: ExecuteOptions): Promise<KernelSketch | null> {
    return this.#oneAtATime(async () => {
      const answer = await callKernelHelper(this.#held.kernel, "sketch", "", options);
      return answer.how === "answered" ? sketchOf(answer.value) : null;
    });
  }

  checkpoint(state: KernelState, options: ExecuteOptions): Promise<void> {
    return this.#oneAtATime(async () => {
      const key = stateKey(replayable(state.recipe));
      if (!this.#isExact || key !== stateKey(this.#executed)) {
        this.#isClean = false;
        return this.#owner.settle(state, options);
      }
      this.#marked = key;
      const { kernel } = this.#held;
      if (this.#executed.length > 0 && kernel.lost() === null)
        await this.#owner.keep(kernel, this.#executed, options);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#givenBack ??= this.#giveBack());
  }

  async #giveBack(): Promise<void> {
    await this.#passing;
    const isKnown = this.#isExact && this.#marked === stateKey(this.#executed);
    const steps = isKnown && this.#oneAtATime.activeCount === 0 ? this.#executed : null;
    await this.#owner.takeBack(this.#held.kernel, steps);
  }

  /** In the background: the cell's result does not wait for it. */
  #keepPassing(options: ExecuteOptions): void {
    const steps = this.#executed;
    this.#passing = this.#oneAtATime(async () => {
      const { kernel } = this.#held;
      const isNow = this.#isExact && this.#isClean && steps === this.#executed && kernel.lost() === null;
      if (isNow) await this.#owner.keepPassing(kernel, steps, options);
    }).catch(() => undefined); // the next to use the kernel finds it lost, or the run was stopped
  }

  async #execute(source: string, options: ExecuteOptions): Promise<Execution> {
    let done: Execution | undefined;
    try {
      done = await this.#owner.run(this.#held.kernel, source, options);
      // What takes its place may be a fork as well, of an earlier state. Each that hangs is the last of its kind.
      while (this.#held.kernel.hung()) {
        this.#held = await this.#owner.replace(this.#held.kernel, this.#executed, options);
        this.#executed = this.#held.executed;
        done = await this.#owner.run(this.#held.kernel, source, options);
      }
    } finally {
      const { status, durationMs } = done ?? { status: "died", durationMs: 0 };
      if (status === "ok" || status === "error")
        this.#executed = [...this.#executed, { source, status, durationMs }];
      else this.#isExact = false;
      if (done !== undefined) this.#keepPassing(options);
    }
    return done;
  }
}

function sketchOf({ names, fault }: HelperValue<"sketch">): KernelSketch {
  return { names: new Map(names), fault };
}
