// Owns: a branch, which is one scored notebook of a run, and what describes it. Types only.
import type { BlobHash } from "./blob.ts";
import type { Submission } from "./kernel.ts";
import type { Notebook } from "./notebook.ts";
import type { ValidScore } from "./score.ts";

/** Such as `b7`: the branch that proposal `p7` made. `b0` is the founder. */
export type BranchId = string;
/** Such as `p7`. */
export type ProposalId = string;

/** One scored individual: a notebook, its parents, its kernel state. Never changes once scored. */
export interface Branch {
  readonly id: BranchId;
  /** The number of the proposal that made it; 0 for the founder. */
  readonly number: number;
  /** It continues the notebook and the kernel state of the first. Empty for the founder and injected notebooks. */
  readonly parents: readonly BranchId[];
  /** Depth in the lineage, founder = 0. */
  readonly generation: number;
  readonly score: ValidScore;
  /** The value of each of the task's descriptors, in their order. */
  readonly descriptor: readonly number[];
  /** Numbers that describe its notebook (`notebook.cells`, ...), and those of a user's function: axes for niches besides the metrics. */
  readonly traits?: Readonly<Record<string, number>>;
  /** A hash of its code without comments, layout and chosen names: 16 hex digits. Similar code differs in few bits. */
  readonly fingerprint?: string;
  /** Blob: the notebook's JSON. */
  readonly notebook: BlobHash;
  /** Blob: the kernel state's JSON. */
  readonly kernel: BlobHash;
  /** Blob: the renderer's context log. */
  readonly context: BlobHash;
  /** Blob: the submission's JSON, as it was judged. */
  readonly submission: BlobHash;
  /** Blob: the StateDescription of its kernel when it was scored; absent when kernels do not describe themselves. */
  readonly description?: BlobHash | undefined;
}

/** What a function for descriptors sees of a branch in the making. */
export interface DescribedBranch {
  readonly notebook: Notebook;
  readonly score: ValidScore;
  /** The value that the verifier judged. */
  readonly submission: Submission;
}

/**
 * Describes a branch by finite numbers with names: axes for niches besides the verifier's metrics and the notebook's traits,
 * which win where names clash. Pure and synchronous: a branch is described once, and the numbers are journalled with it.
 */
export type DescriptorFunction = (made: DescribedBranch) => Readonly<Record<string, number>>;
