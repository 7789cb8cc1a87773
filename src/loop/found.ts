// Owns: the first event of a run - the founder is run, judged and refused here if the task cannot be searched.
import { branchId, descriptorOf } from "../core/branch.ts";
import { RunError } from "../core/errors.ts";
import { fingerprintOf } from "../core/fingerprint.ts";
import { isCode, withMetadata } from "../core/notebook.ts";
import { advance, type Situation } from "../core/situation.ts";
import { traitsOf } from "../core/traits.ts";
import { judge } from "../environment/index.ts";
import type {
  Blob,
  Branch,
  CodeCell,
  JsonObject,
  KernelLease,
  KernelPool,
  Renderer,
  RunEvent,
  Scene,
  Task,
  Verifier,
} from "../spec/index.ts";
import { jsonBlob } from "./json-blob.ts";

export interface FoundParts<S> {
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly renderer: Renderer<S>;
  readonly scene: (notebook: Scene["notebook"]) => Scene;
  readonly seed: number;
  readonly settings: JsonObject;
  readonly signal: AbortSignal;
}

/** Runs the founder top to bottom and judges it. @throws RunError `founder-rejected` naming the cell. */
export async function found<S>(parts: FoundParts<S>): Promise<{ event: RunEvent; blobs: readonly Blob[] }> {
  const { task, kernels, verifier, renderer, signal } = parts;
  const timeoutMs = task.limits.cellTimeoutMs;
  const lease = await kernels.lease({ recipe: [] }, { signal, workspace: branchId(0), timeoutMs });
  try {
    const { notebook: ran, kernel } = await runAll(task, lease, signal);
    const { score, submission } = await judge(lease, task, verifier, signal);
    if (!score.valid) throw rejected(task, `the verifier rejects the founder: ${score.message}`);
    const notebook = withMetadata(ran, { branch: branchId(0), rounds: 0, task: task.name });
    const traits = traitsOf(notebook);
    const missing = task.descriptors.filter(
      ({ metric }) => (score.metrics[metric] ?? traits[metric]) === undefined,
    );
    if (missing.length > 0) {
      throw rejected(
        task,
        `the verifier returns no metric ${missing.map(({ metric }) => metric).join(", ")} for the descriptors`,
      );
    }
    await lease.checkpoint(kernel, { timeoutMs, signal });
    const blobs = [
      jsonBlob(notebook),
      jsonBlob(kernel),
      jsonBlob(renderer.open(parts.scene(notebook))),
      jsonBlob(task),
      jsonBlob(submission),
    ] as const;
    const founder: Branch = {
      id: branchId(0),
      number: 0,
      parents: [],
      generation: 0,
      score,
      descriptor: descriptorOf(task, score, traits),
      traits,
      fingerprint: fingerprintOf(notebook),
      notebook: blobs[0].hash,
      kernel: blobs[1].hash,
      context: blobs[2].hash,
      submission: blobs[4].hash,
    };
    const { seed, settings } = parts;
    return {
      event: { type: "run-started", version: 1, seed, task: blobs[3].hash, settings, founder },
      blobs,
    };
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}

async function runAll(task: Task, lease: KernelLease, signal: AbortSignal): Promise<Situation> {
  let situation: Situation = { notebook: task.founder, kernel: { recipe: [] } };
  for (const cell of task.founder.cells.filter(isCode)) {
    const done = await lease.execute(cell.source, { timeoutMs: task.limits.cellTimeoutMs, signal });
    const { outputs, status, durationMs } = done;
    situation = advance(situation, [{ type: "cell-ran", id: cell.id, outputs, status, durationMs }]);
    if (status !== "ok") throw rejected(task, `${describe(cell)} ${explain(status, outputs)}`);
  }
  return situation;
}

function describe(cell: CodeCell): string {
  const first = cell.source.trim().split("\n")[0] ?? "";
  return `its cell ${cell.id} (${JSON.stringify(first.slice(0, 60))})`;
}

function explain(status: string, outputs: CodeCell["outputs"]): string {
  const error = outputs.find((output) => output.output_type === "error");
  return error === undefined ? `was ${status}` : `raised ${error.ename}: ${error.evalue}`;
}

function rejected(task: Task, why: string): RunError {
  return new RunError(
    "founder-rejected",
    `task "${task.name}": ${why}. The first notebook must run and score; mend the task.`,
  );
}
