// Owns: judging a run's best submission once more, from its journal alone, in a fresh process; the holdout too.
import { readJson } from "../../loop/json-blob.ts";
import type { Score, Submission, Task } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { readHistory } from "../../history/index.ts";
import { machineFor, type MachineOptions } from "../machine-settings.ts";
import { openRuntime, type Runtime } from "../runtime.ts";

export interface SubmissionVerdicts {
  readonly verdict: Score;
  /** Null when the task has no holdout. */
  readonly holdout: Score | null;
}

/** `given`: default as the run was started. @throws RunError `run-missing` when nothing was scored. */
export async function judgeBest(dir: string, given: MachineOptions = {}): Promise<SubmissionVerdicts> {
  await using store = await openRunStore(dir, { mode: "read" });
  const { task: taskBlob, best, settings } = await readHistory(store);
  const { sandbox, env, read, packages } = machineFor(settings, given);
  const task = await readJson<Task>(store, taskBlob);
  const submission = await readJson<Submission>(store, best.submission);
  await using runtime = await openRuntime(task, { sandbox, env, read, packages });
  return await judgeSubmission(runtime, submission); // before the runtime is disposed of
}

/** What the task's verifiers say of a submission. @throws the signal's reason when aborted. */
export async function judgeSubmission(
  { verifier, holdout }: Pick<Runtime, "verifier" | "holdout">,
  submission: Submission,
  signal: AbortSignal = new AbortController().signal,
): Promise<SubmissionVerdicts> {
  const verdict = await verifier.verify(submission, { signal });
  return { verdict, holdout: holdout && (await holdout.verify(submission, { signal })) };
}
