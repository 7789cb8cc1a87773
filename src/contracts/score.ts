// What a verifier says about a submission.
import type { Submission } from "./kernel.ts";

export interface ValidScore {
  readonly valid: true;
  /** The one number compared: finite, higher is better (a minimised value is negated). */
  readonly fitness: number;
  /** Everything measured, by name, in the task's own direction; `score` is always among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** For the model and people; empty when there is nothing to say. */
  readonly message: string;
}
export interface InvalidScore {
  readonly valid: false;
  readonly fitness: null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What is wrong, and where it can be told, by how much. */
  readonly message: string;
}
export type Score = ValidScore | InvalidScore;

/**
 * The trusted judge, out of the agent's reach. A submission that cannot be judged is an invalid score.
 * @throws RunError `verifier-unavailable` when the judge itself cannot be started.
 */
export interface Verifier extends AsyncDisposable {
  verify(submission: Submission, options: { readonly signal: AbortSignal }): Promise<Score>;
}
