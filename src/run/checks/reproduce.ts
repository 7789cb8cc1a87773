// Owns: reproducing one branch of a run directory: its notebook is run again in a kernel and a workspace of its own.
// Writes nothing into the run.
import { readJson } from "../../loop/json-blob.ts";
import { reproduceNotebook } from "../../loop/reproduce.ts";
import type { BranchId, Reproduction, Score, Task } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { findBranch, readHistory } from "../../history/index.ts";
import type { RuntimeOptions } from "../runtime.ts";
import { openRunAgain } from "./run-again.ts";

export interface Reproduced extends Reproduction {
  readonly branch: BranchId;
  /** When the branch was made. */
  readonly scoreThen: Score;
}

/** Sandbox, network, limits: as the run was started, where nothing is given. */
export interface ReproduceOptions extends RuntimeOptions {
  readonly signal: AbortSignal;
  /** Runs the branch of a run that this installation did not make although there is no sandbox. Default false. */
  readonly trust?: boolean | undefined;
}

/** `branchId`: absent, or `best`, for the best. @throws RunError `run-missing`; `bad-option` for an unknown branch. */
export async function reproduceBranch(
  dir: string,
  branchId: BranchId | undefined,
  options: ReproduceOptions,
): Promise<Reproduced> {
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const branch = findBranch(history, branchId, dir);
  const task = await readJson<Task>(store, history.task);
  await using runtime = await openRunAgain(store, task, history.settings, options);
  const parts = { task, kernels: await runtime.openKernels(), verifier: runtime.verifier, blobs: store };
  const done = await reproduceNotebook(parts, branch, options);
  return { branch: branch.id, scoreThen: branch.score, ...done };
}
