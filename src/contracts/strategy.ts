// How a population evolves: pure ask and tell.
import type { BlobHash } from "./journal.ts";
import type { JsonObject } from "./json.ts";
import type { Submission } from "./kernel.ts";
import type { CommandId } from "./command.ts";
import type { Notebook } from "./notebook.ts";
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
  /** What its notebook is like, by name (`notebook.cells`, ...), and what a user's function says of it: axes for niches besides the verifier's metrics. */
  readonly traits?: Readonly<Record<string, number>>;
  /** Of its code without comments, layout and the names it gives: 16 hex digits; few bits differ where little code does. */
  readonly fingerprint?: string;
  /** Blob: the notebook's JSON. */
  readonly notebook: BlobHash;
  /** Blob: the kernel state's JSON. */
  readonly kernel: BlobHash;
  /** Blob: the renderer's context log. */
  readonly context: BlobHash;
  /** Blob: the submission's JSON, as it was judged. */
  readonly submission: BlobHash;
  /** Blob: the StateDescription of its kernel when it was scored; absent where kernels do not describe themselves. */
  readonly description?: BlobHash;
}

/** A branch in the making, as a function for descriptors sees it. */
export interface DescribedBranch {
  readonly notebook: Notebook;
  readonly score: ValidScore;
  /** The value that the verifier judged. */
  readonly submission: Submission;
}

/**
 * What a branch is like, in finite numbers by name: axes for niches besides the verifier's metrics and the notebook's traits,
 * which win where names clash. Pure, and never async: a branch is described once, and the numbers are journalled with it.
 */
export type DescriptorFunction = (made: DescribedBranch) => Readonly<Record<string, number>>;

/**
 * `draft`: a fresh draft from the founder. `improve`: go on from the first parent. `repair`: go on from a failed
 * episode. `cross`: graft the second parent's cells on the first. `restart`: the founder again, told what the
 * other parents learnt. `simplify`: the first parent without what its score does not need. `inject`: a person's own
 * notebook, without parents; never a strategy's move.
 */
export type Operator = "draft" | "improve" | "repair" | "cross" | "restart" | "simplify" | "inject";

/** What to try next. `island` rides along so that tell needs no cursor. */
export interface Move {
  readonly operator: Operator;
  /** Known branches, at least one; the first gives the notebook and the kernel. */
  readonly parents: readonly BranchId[];
  readonly island: number;
  /** Rounds the episode plays, 1 or more; absent: as many as the run says. */
  readonly rounds?: number;
  /** With `repair`, and only then: what to go on from. Its failure has a notebook and a kernel. */
  readonly repairs?: { readonly proposal: ProposalId; readonly failure: Failure };
  /** Known branches that the model is shown in a few lines each: elites of other niches or islands. */
  readonly inspirations?: readonly BranchId[];
}

/** A move, numbered from 1 and journalled. A strategy is told of all, those that people made (`inject`) included. */
export interface Proposal extends Move {
  readonly id: ProposalId;
  readonly number: number;
  /** What people want the model to be told. */
  readonly notes?: readonly Note[];
  /** Which of several models plays it, by name. */
  readonly model?: string;
  /** With `inject`, and only then. */
  readonly injected?: { readonly command: CommandId; readonly notebook: BlobHash };
}

/** A person's words. */
export interface Note {
  readonly command: CommandId;
  readonly note: string;
}

export interface Failure {
  /** Where it went wrong. */
  readonly boundary: "model" | "kernel" | "verifier" | "limit";
  readonly message: string;
  /** Blob: the notebook as it was, for repair; absent when no round got that far. */
  readonly notebook?: BlobHash;
  /** Blob: the kernel state that goes with that notebook. */
  readonly kernel?: BlobHash;
}

export type Outcome =
  | { readonly ok: true; readonly proposal: Proposal; readonly branch: Branch }
  | { readonly ok: false; readonly proposal: Proposal; readonly failure: Failure };

/** Pure: same arguments, same answer; never awaits, never mutates. */
export interface Strategy<P = unknown> {
  readonly name: string;
  /** Its settings, journalled with the run; those of a strategy that it wraps are `{ name, ...settings }`. */
  readonly settings: JsonObject;
  /** Where its methods stand, such as `mine.js:12`, for messages. */
  readonly places?: Readonly<Partial<Record<"start" | "ask" | "tell", string>>>;
  start(founder: Branch): P;
  /** The next thing to try, or null to wait for an open proposal. Null with none open ends the run. */
  ask(
    population: P,
    now: { readonly number: number; readonly open: readonly Proposal[]; readonly random: Random },
  ): Move | null;
  /** The population after one proposal ended. A failed episode is an outcome, not an exception. */
  tell(population: P, outcome: Outcome): P;
}
