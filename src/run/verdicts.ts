// Owns: judging a run's best submission once more, from its journal alone, in a fresh process; the holdout too.
import { RunError } from "../core/errors.ts";
import { bestFirst } from "../core/branch.ts";
import type { SandboxMode } from "../kernels/sandbox/sandbox.ts";
import { findPython } from "../kernels/python-env.ts";
import { readJson } from "../loop/json-blob.ts";
import type { Branch, Score, Submission, Task } from "../spec/index.ts";
import { openRunStore } from "../store/index.ts";
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
  let best: Branch | null = null;
  let task: Task | null = null;
  for await (const event of store.read(0)) {
    if (event.type === "run-started") {
      task = await readJson<Task>(store, event.task);
      best = event.founder;
    }
    if (event.type !== "episode-ended" || !event.outcome.ok) continue;
    if (best === null || bestFirst(event.outcome.branch, best) < 0) best = event.outcome.branch;
  }
  if (best === null || task === null) throw new RunError("run-missing", `${dir} holds no scored branch`);
  const submission = await readJson<Submission>(store, best.submission);
  const { python } = await findPython();
  const verdict = await judgeSubmission(task, task.verifier, submission, python, options);
  const holdout =
    task.holdout === null ? null : await judgeSubmission(task, task.holdout, submission, python, options);
  return { verdict, holdout, target: task.target };
}
