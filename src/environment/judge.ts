// Owns: taking the submission out of a kernel and having it judged. A value that cannot be had is an invalid score.
import type { KernelLease, Score, Submission, Task, Verifier } from "../contracts/index.ts";

export interface Verdict {
  readonly score: Score;
  /** What was judged; null when there was no value. */
  readonly submission: Submission | null;
}

/** @throws KernelLost | RunError `verifier-unavailable` | the signal's reason when aborted. */
export async function judge(
  lease: KernelLease,
  task: Pick<Task, "submission" | "limits">,
  verifier: Verifier,
  signal: AbortSignal,
): Promise<Verdict> {
  const value = await lease.evaluate(task.submission, { timeoutMs: task.limits.cellTimeoutMs, signal });
  if (value.ok) return { score: await verifier.verify(value.value, { signal }), submission: value.value };
  const message = `no submission: \`${task.submission}\` gives ${value.name}: ${value.message}`;
  return { score: { valid: false, fitness: null, metrics: {}, message }, submission: null };
}
