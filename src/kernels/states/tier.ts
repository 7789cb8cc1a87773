// Owns: what a tier is: one way to get a kernel that holds a state, such as forking a frozen process. Types only.
import type { ExecuteOptions, RecipeStep } from "../../contracts/kernel.ts";
import type { LiveKernel } from "../jupyter/contracts.ts";
import type { ExecutedStep } from "./recipes.ts";
import type { Offer } from "./restore-policy.ts";
import type { DescribedNames } from "./state-description.ts";

export interface RestoreOptions extends ExecuteOptions {
  /** Directory name of the lease's workspace, which is emptied first. */
  readonly workspace: string;
  /** No cell of a model ran on the kernel. */
  readonly trusted?: boolean | undefined;
}

/** A kernel that holds the first of the steps that were asked for; the others are run again on it. */
export interface StartingKernel {
  readonly kernel: LiveKernel;
  readonly holds: readonly ExecutedStep[];
  /** In words, what is not as it was when these steps ended. */
  readonly differences?: readonly string[];
}

/** A kernel that a tier could give. */
export interface KernelOffer extends Offer {
  /** The steps that it holds with the times that they took, where the tier remembers them. */
  readonly timed?: readonly ExecutedStep[];
  /** Null when it fails: the next best offer is taken then. @throws RunError `kernel-unavailable`; the signal's reason. */
  take(): Promise<StartingKernel | null>;
}

export interface KeepOptions extends RestoreOptions {
  /** What led to the state: a round's end, a replay that went as it had the first time, or a cell in the middle of a round. */
  readonly after: "checkpoint" | "replay" | "cell";
}

/**
 * A cache of kernel states. It may forget any of them at any time: what no tier holds is had by running the recipe's
 * cells again. A tier leaves out the methods that mean nothing to it.
 */
export interface Tier {
  readonly name: Offer["tier"];
  /** The nearest state that it holds, which may be an earlier one; null when there is none. */
  offer(steps: readonly RecipeStep[], options: RestoreOptions): Promise<KernelOffer | null>;
  /** Keeps what the kernel holds after these steps, where that is possible and worth it. The kernel's state stays as it is. */
  keep?(kernel: LiveKernel, steps: readonly ExecutedStep[], options: KeepOptions): Promise<void>;
  /**
   * Takes over a kernel that a lease gave back in exactly this state, to lend it again or because this tier gives the
   * state back as quickly without it. False when it leaves the kernel to the next tier.
   */
  takeOver?(kernel: LiveKernel, steps: readonly ExecutedStep[], workspace: string): Promise<boolean>;
  /** Why it did not give this state, in words; null when nothing was refused. `held`: number of first steps that need no reason. */
  refusal?(steps: readonly ExecutedStep[], held: number): string | null;
  /** What the state's names held when it was kept; null when the tier does not know. */
  describe?(steps: readonly ExecutedStep[]): Promise<DescribedNames | null>;
  /** This kernel hung because it was forked. True when the tier had made it, and makes no more of its kind. */
  distrust?(kernel: LiveKernel): boolean;
  /** Resolves when what it holds is gone, or safe on disk. */
  close?(): Promise<void>;
}
