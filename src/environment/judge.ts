// Owns: what is read from a kernel: the submission, which is judged, and what its names hold.
// A value that cannot be had is an invalid score; a kernel that cannot describe itself costs a comparison only.
import { KernelLost } from "../core/errors.ts";
import type {
  ExecuteOptions,
  ImproveOptions,
  Improvement,
  KernelLease,
  Score,
  StateDescription,
  Submission,
  Task,
  Verifier,
} from "../contracts/index.ts";

/** A submission, and what the verifier said of it. */
export interface Judgement {
  readonly score: Score;
  /** What was judged; null when there was no value. */
  readonly submission: Submission | null;
}

/** The remark of a verdict on a submission with arrays where lists may be wanted: `nbevolve_verifier/verdict.py`. */
const CONVERTIBLE = /: `\.tolist\(\)` makes a list of it$/;

/** Whether the verifier may only have wanted lists. */
export function wantsLists({ valid, message }: Score): boolean {
  return !valid && CONVERTIBLE.test(message);
}

/**
 * The verdict on the submission as it is; where the verifier refuses one with arrays, on the same numbers in lists. A right
 * answer in an array is the commonest one that is lost.
 * @throws KernelLost | RunError `verifier-unavailable` | the signal's reason when aborted.
 */
export async function judge(
  lease: KernelLease,
  task: Pick<Task, "submission" | "limits">,
  verifier: Verifier,
  signal: AbortSignal,
): Promise<Judgement> {
  const options = { timeoutMs: task.limits.cellTimeoutMs, signal };
  const value = await lease.evaluate(task.submission, options);
  if (value.ok) {
    const asItIs = { score: await verifier.verify(value.value, { signal }), submission: value.value };
    // What is more than a name might not give the same value again.
    if (!wantsLists(asItIs.score) || !/^[A-Za-z_][\w.]*$/.test(task.submission)) return asItIs;
    const lists = await lease.evaluate(listsOf(task.submission), options);
    if (!lists.ok) return asItIs;
    const score = await verifier.verify(lists.value, { signal });
    return { score: noteLists(score), submission: lists.value };
  }
  const message = `no submission: \`${task.submission}\` gives ${value.name}: ${value.message}`;
  return { score: { valid: false, fitness: null, metrics: {}, message }, submission: null };
}

/**
 * What the verifier finds where it looks for a better submission than the kernel's; in words why it cannot.
 * @throws as `judge`.
 */
export async function improve(
  lease: KernelLease,
  task: Pick<Task, "submission" | "limits">,
  verifier: Verifier,
  options: ImproveOptions & { readonly signal: AbortSignal },
): Promise<Improvement | string> {
  if (verifier.improve === undefined) return "this verifier only judges";
  const { signal } = options;
  const value = await lease.evaluate(task.submission, { timeoutMs: task.limits.cellTimeoutMs, signal });
  return value.ok ? verifier.improve(value.value, options) : `no submission: ${value.name}: ${value.message}`;
}

function listsOf(name: string): string {
  return `${name}.tolist() if hasattr(${name}, "tolist") else [item.tolist() if hasattr(item, "tolist") else item for item in ${name}]`;
}

function noteLists(score: Score): Score {
  const message = [score.message, "judged with its arrays as lists"].filter((part) => part !== "").join("; ");
  return { ...score, message };
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
