// How a population evolves: pure ask and tell.
import type { BlobHash } from "./journal.ts";
import type { Random } from "./random.ts";
import type { ValidScore } from "./score.ts";

export type BranchId = string;
export type ProposalId = string;

/** One scored individual: a notebook, its parents, its kernel state. Never changes once scored. */
export interface Branch {
  readonly id: BranchId;
  /** Of the proposal that made it; 0 for the founder. */
  readonly number: number;
  /** The first is the one whose kernel state and notebook it continues. Empty for the founder. */
  readonly parents: readonly BranchId[];
  /** Depth in the lineage, founder = 0. */
  readonly generation: number;
  readonly score: ValidScore;
  /** The value of each of the task's descriptors, in their order. */
  readonly descriptor: readonly number[];
  /** Blob: the notebook's JSON. */
  readonly notebook: BlobHash;
  /** Blob: the kernel state's JSON. */
  readonly kernel: BlobHash;
  /** Blob: the renderer's context log. */
  readonly context: BlobHash;
  /** Blob: the submission's JSON, as it was judged. */
  readonly submission: BlobHash;
}

export type Operator = "found" | "improve" | "repair" | "cross";

/** What to try next. `island` rides along so that tell needs no cursor. */
export interface Move {
  readonly operator: Operator;
  /** Known branches, at least one; the first gives the notebook and the kernel. */
  readonly parents: readonly BranchId[];
  readonly island: number;
}

/** A move, numbered from 1 and journalled. */
export interface Proposal extends Move {
  readonly id: ProposalId;
  readonly number: number;
}

export interface Failure {
  /** Where it went wrong. */
  readonly boundary: "model" | "kernel" | "verifier" | "limit";
  readonly message: string;
  /** Blob: the notebook as it was, for repair; absent when no round got that far. */
  readonly notebook?: BlobHash;
}

export type Outcome =
  | { readonly ok: true; readonly proposal: Proposal; readonly branch: Branch }
  | { readonly ok: false; readonly proposal: Proposal; readonly failure: Failure };

/** Pure: same arguments, same answer; never awaits, never mutates. */
export interface Strategy<P = unknown> {
  readonly name: string;
  /** Its settings, as JSON-able data: journalled with the run. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  start(founder: Branch): P;
  /** The next thing to try, or null to wait for an open proposal. Null with none open ends the run. */
  ask(
    population: P,
    now: { readonly number: number; readonly open: readonly Proposal[]; readonly random: Random },
  ): Move | null;
  /** The population after one proposal ended. A failed episode is an outcome, not an exception. */
  tell(population: P, outcome: Outcome): P;
}
