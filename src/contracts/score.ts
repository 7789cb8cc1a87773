// Owns: what a verifier says about a submission. Types only.
import type { Submission } from "./kernel.ts";

export interface ValidScore {
  readonly valid: true;
  /** The number that branches are compared by: finite, higher is better (a minimised value is negated). */
  readonly fitness: number;
  /** All that was measured, by name, in the task's own direction. `score` is always among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** For the model and people; empty when there is nothing to say. */
  readonly message: string;
}
export interface InvalidScore {
  readonly valid: false;
  readonly fitness: null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What is wrong, and by how much where that is known. */
  readonly message: string;
}
export type Score = ValidScore | InvalidScore;

/**
 * The trusted judge, out of the model's reach. A submission that cannot be judged gets an invalid score.
 * @throws RunError `verifier-unavailable` when the judge itself cannot be started.
 */
export interface Verifier extends AsyncDisposable {
  verify(submission: Submission, options: { readonly signal: AbortSignal }): Promise<Score>;
}
