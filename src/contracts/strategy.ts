// Owns: how a population evolves, by pure ask and tell, and what a proposal asks for. Types only.
import type { BlobHash } from "./blob.ts";
import type { Branch, BranchId, ProposalId } from "./branch.ts";
import type { CommandId, Note } from "./command.ts";
import type { JsonObject } from "./json.ts";

/**
 * `draft`: a fresh draft from the founder. `improve`: go on from the first parent. `repair`: go on from a failed
 * episode. `cross`: graft the second parent's cells on the first. `restart`: the founder again, with what the
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
  /** Rounds that the episode plays, 1 or more; absent: the number that the run was given. */
  readonly rounds?: number;
  /** With `repair`, and only then: what to go on from. Its failure has a notebook and a kernel. */
  readonly repairs?: { readonly proposal: ProposalId; readonly failure: Failure };
  /** Known branches that the model sees in a few lines each, such as elites of other niches or islands. */
  readonly inspirations?: readonly BranchId[];
}

/** A move, numbered from 1 and journalled. A strategy is told the outcome of each, those that people made (`inject`) included. */
export interface Proposal extends Move {
  readonly id: ProposalId;
  readonly number: number;
  /** Notes of people for the model. */
  readonly notes?: readonly Note[];
  /** The name of the model that plays it, where several compete. */
  readonly model?: string;
  /** With `inject`, and only then. */
  readonly injected?: { readonly command: CommandId; readonly notebook: BlobHash };
}

/** Why an episode left no branch. */
export interface Failure {
  /** The part at which the episode failed. */
  readonly boundary: "model" | "kernel" | "verifier" | "limit";
  readonly message: string;
  /** Blob: the notebook as it was, for a repair; absent when no round got that far. */
  readonly notebook?: BlobHash | undefined;
  /** Blob: the kernel state that goes with that notebook. */
  readonly kernel?: BlobHash | undefined;
}

/** What became of a proposal: a branch, or a failure. */
export type Outcome =
  | { readonly ok: true; readonly proposal: Proposal; readonly branch: Branch }
  | { readonly ok: false; readonly proposal: Proposal; readonly failure: Failure };

/** A stream of numbers that is a pure function of its key. Nothing to save, nothing to share. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). @throws RangeError unless `below` is a positive integer. */
  int(below: number): number;
  /** @throws RangeError when `from` is empty. */
  pick<T>(from: readonly T[]): T;
}

/** Pure: the same arguments give the same answer; it never awaits and never changes its arguments. */
export interface Strategy<P = unknown> {
  readonly name: string;
  /** Its settings, journalled with the run; those of a strategy that it wraps are `{ name, ...settings }`. */
  readonly settings: JsonObject;
  /** Where its methods are defined, such as `mine.mjs:12`, for messages. */
  readonly places?: Readonly<Partial<Record<"start" | "ask" | "tell", string>>>;
  /** The population of a run that has its founder alone. */
  start(founder: Branch): P;
  /** The next thing to try, or null to wait for an open proposal. Null with none open ends the run. */
  ask(
    population: P,
    now: { readonly number: number; readonly open: readonly Proposal[]; readonly random: Random },
  ): Move | null;
  /** The population after one proposal ended. A failed episode is an outcome, not an exception. */
  tell(population: P, outcome: Outcome): P;
}
