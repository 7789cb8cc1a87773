// Owns: reproducing one branch of a run that lies in a directory: its notebook anew, in a kernel and a workspace that
// are gone afterwards. Writes nothing into the run.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jupyterKernels } from "../../kernels/kernel-pool.ts";
import { findPython } from "../../machine/python/find-python.ts";
import type { SandboxOptions } from "../../machine/sandbox/sandbox.ts";
import { openSandbox } from "../../machine/sandbox/sandbox.ts";
import { readJson } from "../../loop/json-blob.ts";
import { reproduceNotebook } from "../../loop/reproduce.ts";
import type { BranchId, Reproduction, Score, Task } from "../../contracts/index.ts";
import { openRunStore } from "../../store/index.ts";
import { findBranch, readHistory } from "../../history/index.ts";
import { taskVerifier } from "./judge-submission.ts";

export interface Reproduced extends Reproduction {
  readonly branch: BranchId;
  /** When the branch was made. */
  readonly scoreThen: Score;
}

export interface ReproduceOptions extends SandboxOptions {
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
}

/** `branchId`: absent, or `best`, for the best. @throws RunError `run-missing`; `bad-option` for an unknown branch. */
export async function reproduceBranch(
  dir: string,
  branchId: BranchId | undefined,
  options: ReproduceOptions,
): Promise<Reproduced> {
  const { signal, progress } = options;
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const branch = findBranch(history, branchId, dir);
  const task = await readJson<Task>(store, history.task);
  const sandbox = (await openSandbox(options, progress)) === null ? "off" : "on";
  const python = await findPython({ signal, ...(progress && { progress }) });
  const workspacesDir = await mkdtemp(join(tmpdir(), "nbevolve-reproduce-"));
  try {
    await using kernels = await jupyterKernels({ ...options, sandbox, python, workspacesDir });
    await using verifier = taskVerifier(task, task.verifier, python.python, sandbox);
    const done = await reproduceNotebook({ task, kernels, verifier, blobs: store }, branch, { signal });
    return { branch: branch.id, scoreThen: branch.score, ...done };
  } finally {
    await rm(workspacesDir, { recursive: true, force: true, maxRetries: 3 });
  }
}
