// Owns: what is read from a kernel: the submission, which is judged, and what its names hold.
// A value that cannot be had is an invalid score; a kernel that cannot describe itself costs a comparison only.
import { KernelLost } from "../core/errors.ts";
import type {
  ExecuteOptions,
  KernelLease,
  Score,
  StateDescription,
  Submission,
  Task,
  Verifier,
} from "../contracts/index.ts";

export interface Judgement {
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
): Promise<Judgement> {
  const value = await lease.evaluate(task.submission, { timeoutMs: task.limits.cellTimeoutMs, signal });
  if (value.ok) return { score: await verifier.verify(value.value, { signal }), submission: value.value };
  const message = `no submission: \`${task.submission}\` gives ${value.name}: ${value.message}`;
  return { score: { valid: false, fitness: null, metrics: {}, message }, submission: null };
}

/** What the kernel's names hold; null where it cannot be said. @throws the signal's reason when aborted. */
export async function describeKernel(
  lease: KernelLease | null,
  options: ExecuteOptions,
): Promise<StateDescription | null> {
  try {
    return (await lease?.describe?.(options)) ?? null;
  } catch (error) {
    if (error instanceof KernelLost) return null;
    throw error;
  }
}
