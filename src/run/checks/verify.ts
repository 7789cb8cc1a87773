// Owns: judging a file against a task outside of any run - a submission as JSON, or a notebook that is run for it.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { messageOf, RunError } from "../../core/errors.ts";
import { parseNotebook } from "../../core/notebook/load-notebook.ts";
import { isCode } from "../../core/notebook/notebook.ts";
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
    ? await runNotebook(task, parseNotebook(text, file), python, boxing)
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

async function runNotebook(
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
    const notes = await runCells(lease, notebook, timeoutMs, signal);
    const value = await lease.evaluate(task.submission, { timeoutMs, signal });
    return value.ok
      ? { submission: value.value, notes }
      : { problem: `${value.name}: ${value.message}`, notes };
  } finally {
    await rm(workspacesDir, { recursive: true, force: true });
  }
}

/** Top to bottom; cells tagged `skip-execution` are left out, as Jupyter's own tools do. */
async function runCells(
  lease: KernelLease,
  notebook: Notebook,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const cell of notebook.cells.filter(isCode)) {
    if (cell.metadata.tags?.includes("skip-execution")) continue;
    const { status } = await lease.execute(cell.source, { timeoutMs, signal });
    const expected = cell.metadata.tags?.includes("raises-exception") === true && status === "error";
    if (status === "died")
      throw new RunError("bad-notebook", `the kernel died in cell ${cell.id}; nothing can be judged`);
    if (status !== "ok" && !expected)
      notes.push(`cell ${cell.id}: ${status}; judged with what the cells left`);
  }
  return notes;
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
