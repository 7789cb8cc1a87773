// Owns: what a verifier says about a submission. Types only.
import type { Json } from "./json.ts";
import type { Submission } from "./kernel.ts";

/** The score of a submission that keeps the rules. */
export interface ValidScore {
  readonly valid: true;
  /** The number that branches are compared by: finite, higher is better (a minimised value is negated). */
  readonly fitness: number;
  /** All that was measured, by name, in the task's own direction. `score` is always among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** For the model and people; empty when there is nothing to say. */
  readonly message: string;
}
/** The score of a submission that breaks a rule, or cannot be judged. */
export interface InvalidScore {
  readonly valid: false;
  readonly fitness: null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What is wrong, and by how much where that is known. */
  readonly message: string;
}
/** What a verifier says about a submission. */
export type Score = ValidScore | InvalidScore;

/** What a search by a verifier found. Never believed: the submission that it leads to is judged as any other. */
export interface Improvement {
  /** The better submission: arrays as lists, and null in place of what is neither number nor text. Null: none was better. */
  readonly values: Json | null;
  /** The score that it began with, and that of `values`, as the search saw them, in the task's own direction. */
  readonly start: number | null;
  readonly end: number | null;
  /** How often the verifier was asked, and how often it gave a score. */
  readonly tries: number;
  readonly valid: number;
  /** How many tries a search may have that should take a few seconds. */
  readonly pace: number;
  /** The commonest reason of a refusal, and how often it was given; empty and 0 without any. */
  readonly reason: string;
  readonly refused: number;
  /** What it could change: floats, whole numbers and booleans by themselves, lists of whole numbers, booleans or texts. */
  readonly holds: readonly ("floats" | "wholes" | "sequences")[];
  /** The methods and moves that found what is best, in words. */
  readonly ways: readonly string[];
  /** What tries had to keep to be valid, such as `the sum`, as far as refusals taught it; empty for nothing. */
  readonly kept: string;
}

/** How a search by a verifier is made. */
export interface ImproveOptions {
  /** From 0 to 2 ** 31 - 1. */
  readonly seed: number;
  /** How often the verifier may be asked, from 1. */
  readonly tries: number;
}

/**
 * The trusted judge, out of the model's reach. A submission that cannot be judged gets an invalid score.
 * @throws RunError `verifier-unavailable` when the judge itself cannot be started.
 */
export interface Verifier extends AsyncDisposable {
  /** Judges a submission. @throws RunError `verifier-unavailable`; the signal's reason when aborted. */
  verify(submission: Submission, options: { readonly signal: AbortSignal }): Promise<Score>;
  /**
   * Looks for a better submission by asking the verifier many times where it lies, out of the model's reach. Absent where
   * it cannot. @throws as `verify`.
   */
  improve?(
    submission: Submission,
    options: ImproveOptions & { readonly signal: AbortSignal },
  ): Promise<Improvement>;
}
