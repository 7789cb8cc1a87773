// Owns: the first event of a run - the founder is run, judged and refused here if the task cannot be searched.
import { branchId } from "../core/run/branch.ts";
import { RunError } from "../core/errors.ts";
import { descriptionOf, judge } from "../environment/index.ts";
import type { Blob, JsonObject, KernelPool, RunEvent, Task, Verifier } from "../contracts/index.ts";
import { jsonBlob } from "./json-blob.ts";
import { scoreRootBranch, runAllCells, type RootParts } from "./root-branch.ts";

export interface FounderParts<S> extends RootParts<S> {
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly seed: number;
  readonly settings: JsonObject;
  readonly signal: AbortSignal;
}

/** Runs the founder top to bottom and judges it. @throws RunError `founder-rejected` naming the cell. */
export async function runFounder<S>(
  parts: FounderParts<S>,
): Promise<{ event: RunEvent; blobs: readonly Blob[] }> {
  const { task, kernels, verifier, signal, seed, settings } = parts;
  const timeoutMs = task.limits.cellTimeoutMs;
  const lease = await kernels.lease({ recipe: [] }, { signal, workspace: branchId(0), timeoutMs });
  try {
    const ran = await runAllCells(task.founder, lease, timeoutMs, signal, task.places);
    if (ran.broken !== null) throw rejected(task, ran.broken);
    const { score, submission } = await judge(lease, task, verifier, signal);
    if (!score.valid) throw rejected(task, `the verifier rejects the founder: ${score.message}`);
    const description = await descriptionOf(lease, { timeoutMs, signal });
    const { branch, blobs } = scoreRootBranch(parts, 0, ran, score, submission, description);
    const missing = task.descriptors.filter(
      ({ metric }) => (score.metrics[metric] ?? branch.traits?.[metric]) === undefined,
    );
    if (missing.length > 0) {
      const names = missing.map(({ metric }) => metric).join(", ");
      throw rejected(task, `the verifier returns no metric ${names} for the descriptors`);
    }
    await lease.checkpoint(ran.kernel, { timeoutMs, signal });
    const stored = jsonBlob(task);
    return {
      event: { type: "run-started", version: 2, seed, task: stored.hash, settings, founder: branch },
      blobs: [...blobs, stored],
    };
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}

function rejected(task: Task, why: string): RunError {
  const remedy = /ModuleNotFoundError|No module named/.test(why)
    ? " For packages that nbevolve does not bring, set NBEVOLVE_PYTHON to the Python of an environment that has them " +
      "(docs/guides/your-own-task.md, Packages of your own)."
    : "";
  return new RunError(
    "founder-rejected",
    `task "${task.name}": ${why}. The first notebook must run and score; mend the task.${remedy}`,
  );
}
