// Owns: a finished or resting run played again on a runtime of its own, from the replies in its journal.
import { RunError } from "../../core/errors.ts";
import type { RunStore } from "../../store/index.ts";
import { readStoredTask } from "../run-settings.ts";
import { openRuntime, type RuntimeOptions } from "../runtime.ts";
import { reExecute, type ReExecuted } from "./re-execute.ts";

export interface ReExecuteOptions extends RuntimeOptions {
  readonly signal: AbortSignal;
}

/** Plays the recorded replies of a run again on fresh kernels; see `reExecute`. @throws RunError. */
export async function reExecuteRun(store: RunStore, options: ReExecuteOptions): Promise<ReExecuted> {
  const task = await readStoredTask(store);
  if (task === null) throw new RunError("run-missing", `${store.dir} holds no scored founder yet`);
  await using runtime = await openRuntime(task, options);
  const { signal, progress } = options;
  const { verifier } = runtime;
  const kernels = await runtime.openKernels();
  return await reExecute({ journal: store, task, kernels, verifier, signal, progress });
}
