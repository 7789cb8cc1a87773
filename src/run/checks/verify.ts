// Owns: judging a file against a task outside of any run - a submission as JSON, or a notebook that is run for it.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { messageOf, RunError } from "../../core/errors.ts";
import { parseNotebook } from "../../core/notebook/load-notebook.ts";
import { runNotebook } from "../../environment/index.ts";
import { jupyterKernels } from "../../kernels/kernel-pool.ts";
import { type SandboxOptions, openSandbox } from "../../machine/sandbox/sandbox.ts";
import { findPython } from "../../machine/python/find-python.ts";
import { whyUnreadable } from "../../tasks/why-unreadable.ts";
import type { Json, KernelLease, Notebook, Score, Submission, Task } from "../../contracts/index.ts";
import { judgeSubmission } from "./judge-submission.ts";

export interface Verified {
  readonly verdict: Score;
  /** Null when the task has no holdout, or there was no submission. */
  readonly holdout: Score | null;
  /** Cells that did not run cleanly, in words. */
  readonly notes: readonly string[];
}

export interface VerifyOptions extends SandboxOptions {
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
}

/** `file`: a `.ipynb`, run top to bottom in a fresh kernel, or a `.json` that is the submission. @throws RunError. */
export async function verifyFile(task: Task, file: string, options: VerifyOptions): Promise<Verified> {
  const { signal, progress, allowNetwork } = options;
  const sandbox = (await openSandbox(options, progress)) === null ? "off" : "on";
  const boxing = { sandbox, allowNetwork, signal } as const;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const remedy = "give the path of a notebook (.ipynb), or of the submission as JSON";
    throw new RunError("bad-option", `${file} cannot be read: ${whyUnreadable(cause, remedy)}`, { cause });
  });
  const { python } = await findPython({ signal, ...(progress && { progress }) });
  const found = file.endsWith(".ipynb")
    ? await submissionOf(task, parseNotebook(text, file), python, boxing)
    : { submission: parseSubmission(text, file), notes: [] };
  if ("problem" in found) {
    const verdict: Score = { valid: false, fitness: null, metrics: {}, message: found.problem };
    return { verdict, holdout: null, notes: found.notes };
  }
  const verdict = await judgeSubmission(task, task.verifier, found.submission, python, boxing);
  const holdout =
    task.holdout && (await judgeSubmission(task, task.holdout, found.submission, python, boxing));
  return { verdict, holdout, notes: found.notes };
}

type Found =
  | { readonly submission: Submission; readonly notes: readonly string[] }
  | { readonly problem: string; readonly notes: readonly string[] };

async function submissionOf(
  task: Task,
  notebook: Notebook,
  python: string,
  options: SandboxOptions & { readonly signal: AbortSignal },
): Promise<Found> {
  const { signal } = options;
  const workspacesDir = await mkdtemp(join(tmpdir(), "nbevolve-verify-"));
  try {
    await using kernels = await jupyterKernels({ ...options, python: { python }, workspacesDir });
    const timeoutMs = task.limits.cellTimeoutMs;
    await using lease = await kernels.lease({ recipe: [] }, { signal, workspace: "verify", timeoutMs });
    const notes = await runForNotes(lease, notebook, timeoutMs, signal);
    const value = await lease.evaluate(task.submission, { timeoutMs, signal });
    return value.ok
      ? { submission: value.value, notes }
      : { problem: `${value.name}: ${value.message}`, notes };
  } finally {
    await rm(workspacesDir, { recursive: true, force: true });
  }
}

/** Cells tagged `skip-execution` are left out, as Jupyter's own tools do; after a cell that fails the next one runs. */
async function runForNotes(
  lease: KernelLease,
  notebook: Notebook,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { executed, stoppedBy } = await runNotebook(lease, notebook, {
    timeoutMs,
    signal,
    skip: ({ metadata }) => metadata.tags?.includes("skip-execution") === true,
    stopsAt: (status) => status === "died",
  });
  if (stoppedBy !== null)
    throw new RunError("bad-notebook", `the kernel died in cell ${stoppedBy.cell.id}; nothing can be judged`);
  return executed.flatMap(({ cell, execution: { status } }) => {
    const isExpected = cell.metadata.tags?.includes("raises-exception") === true && status === "error";
    return status === "ok" || isExpected
      ? []
      : [`cell ${cell.id}: ${status}; judged with what the cells left`];
  });
}

function parseSubmission(text: string, file: string): Submission {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (cause) {
    const remedy = "A submission file is the value itself, as JSON; a notebook's name ends in .ipynb.";
    throw new RunError("bad-option", `${basename(file)} is not JSON: ${messageOf(cause)}. ${remedy}`, {
      cause,
    });
  }
}
