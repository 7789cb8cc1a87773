// Owns: taking the submission out of a kernel and having it judged. A value that cannot be had is an invalid score.
import type { KernelLease, Score, Task, Verifier } from "../spec/index.ts";

/** @throws KernelLost | RunError `verifier-unavailable` | the signal's reason when aborted. */
export async function judge(
  lease: KernelLease,
  task: Pick<Task, "submission" | "limits">,
  verifier: Verifier,
  signal: AbortSignal,
): Promise<Score> {
  const value = await lease.evaluate(task.submission, { timeoutMs: task.limits.cellTimeoutMs, signal });
  if (value.ok) return verifier.verify(value.value, { signal });
  const message = `no submission: \`${task.submission}\` gives ${value.name}: ${value.message}`;
  return { valid: false, fitness: null, metrics: {}, message };
}
