// Owns: judging a run's best submission once more, from its journal alone, in a fresh process; the holdout too.
import type { SandboxMode } from "../../machine/sandbox/sandbox.ts";
import { findPython } from "../../machine/python/find-python.ts";
import { readJson } from "../../loop/json-blob.ts";
import type { Score, Submission, Task } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { readHistory } from "../../history/index.ts";
import { judgeSubmission } from "./judge-submission.ts";

export interface Verdicts {
  readonly verdict: Score;
  /** Null when the task has no holdout. */
  readonly holdout: Score | null;
  /** The task's target, in its own direction. */
  readonly target: number | null;
}

/** @throws RunError `run-missing` when nothing was scored. */
export async function bestVerdict(
  dir: string,
  options: { readonly sandbox?: SandboxMode | undefined } = {},
): Promise<Verdicts> {
  await using store = await openRunStore(dir, { mode: "read" });
  const { task: taskBlob, best } = await readHistory(store);
  const task = await readJson<Task>(store, taskBlob);
  const submission = await readJson<Submission>(store, best.submission);
  const { python } = await findPython();
  const verdict = await judgeSubmission(task, task.verifier, submission, python, options);
  const holdout =
    task.holdout === null ? null : await judgeSubmission(task, task.holdout, submission, python, options);
  return { verdict, holdout, target: task.target };
}
