// Owns: kernels and a verifier for playing a run's replies again; gone with it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "../../core/errors.ts";
import { jupyterKernels } from "../../kernels/kernel-pool.ts";
import { findPython } from "../../machine/python/find-python.ts";
import { openSandbox, type SandboxOptions } from "../../machine/sandbox/sandbox.ts";
import type { RunStore } from "../../store/index.ts";
import { taskVerifier } from "./judge-submission.ts";
import { reExecute, type ReExecuted } from "./re-execute.ts";
import { readStoredTask } from "../run-settings.ts";

export interface ReExecuteOptions extends SandboxOptions {
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
}

/** Plays the recorded replies of a run again on fresh kernels; see `reExecute`. @throws RunError. */
export async function reExecuteRun(store: RunStore, options: ReExecuteOptions): Promise<ReExecuted> {
  const { allowNetwork, signal, progress } = options;
  const task = await readStoredTask(store);
  if (task === null) throw new RunError("run-missing", `${store.dir} holds no scored founder yet`);
  const sandbox = (await openSandbox(options, progress)) === null ? "off" : "on";
  const python = await findPython({ signal, ...(progress && { progress }) });
  const workspacesDir = await mkdtemp(join(tmpdir(), "nbevolve-replay-"));
  try {
    await using verifier = taskVerifier(task, task.verifier, python.python, sandbox);
    await using kernels = await jupyterKernels({ python, workspacesDir, sandbox, allowNetwork, signal });
    return await reExecute({
      journal: store,
      task,
      kernels,
      verifier,
      signal,
      ...(progress && { progress }),
    });
  } finally {
    await rm(workspacesDir, { recursive: true, force: true });
  }
}
