// Owns: judging a file against a task outside of any run - a submission as JSON, or a notebook that is run for it.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { checkOptions, checkValue, TASK_OPTION } from "../../core/options.ts";
import { messageOf, RunError } from "../../core/errors.ts";
import { parseNotebook } from "../../core/notebook/load-notebook.ts";
import { describeCellEnd, runNotebook } from "../../environment/index.ts";
import { whyUnreadable } from "../../tasks/load-task.ts";
import type {
  CodeCell,
  Json,
  KernelLease,
  KernelPool,
  Notebook,
  Score,
  Submission,
  Task,
} from "../../contracts/index.ts";
import { failureHints } from "../task/failure-hints.ts";
import { openRuntime, RUNTIME_OPTIONS, type RuntimeOptions } from "../runtime.ts";
import { judgeSubmission, type SubmissionVerdicts } from "./verdicts.ts";
import { decodeText } from "../../core/decode-text.ts";

/** What judging a file showed. */
export interface Verified extends SubmissionVerdicts {
  /** Cells that did not run cleanly, in words, and what may be done about it. */
  readonly notes: readonly string[];
}

/** What a file is judged on, and the signal that ends it. */
export interface VerifyOptions extends RuntimeOptions {
  readonly signal: AbortSignal;
}

/**
 * `file`: a `.ipynb`, run top to bottom in a fresh kernel, or a `.json` that is the submission, for which no kernel is
 * started. @throws RunError.
 */
export async function verifyFile(task: Task, file: string, options: VerifyOptions): Promise<Verified> {
  checkValue("verifyFile: task", task, TASK_OPTION);
  checkOptions("verifyFile", options, RUNTIME_OPTIONS, ["signal"]);
  const bytes = readFile(file);
  const text = await bytes.then(decodeText).catch((cause: unknown) => {
    const remedy = "give the path of a notebook (.ipynb), or of the submission as JSON";
    throw new RunError("bad-option", `${file} cannot be read: ${whyUnreadable(cause, remedy)}`, { cause });
  });
  await using runtime = await openRuntime(task, options);
  const found = file.endsWith(".ipynb")
    ? await submissionOf(task, parseNotebook(text, file), await runtime.openKernels(), options.signal)
    : { submission: parseSubmission(text, file), notes: [] };
  const verdicts =
    "problem" in found
      ? { verdict: unreadable(found.problem), holdout: null }
      : await judgeSubmission(runtime, found.submission, options.signal);
  const words = [...found.notes, ...(verdicts.verdict.valid ? [] : [verdicts.verdict.message])].join("\n");
  return { ...verdicts, notes: [...found.notes, ...failureHints(words, options, runtime.sandbox)] };
}

const unreadable = (message: string): Score => ({ valid: false, fitness: null, metrics: {}, message });

type FoundSubmission =
  | { readonly submission: Submission; readonly notes: readonly string[] }
  | { readonly problem: string; readonly notes: readonly string[] };

async function submissionOf(
  task: Task,
  notebook: Notebook,
  kernels: KernelPool,
  signal: AbortSignal,
): Promise<FoundSubmission> {
  const timeoutMs = task.limits.cellTimeoutMs;
  await using lease = await kernels.lease({ recipe: [] }, { signal, workspace: "verify", timeoutMs });
  const notes = await runForNotes(lease, notebook, timeoutMs, signal);
  const value = await lease.evaluate(task.submission, { timeoutMs, signal });
  return value.ok
    ? { submission: value.value, notes }
    : { problem: `${value.name}: ${value.message}`, notes };
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
    throw new RunError(
      "bad-notebook",
      `the kernel died in ${placeIn(notebook, stoppedBy.cell)}; nothing can be judged`,
    );
  return executed.flatMap(({ cell, execution }) => {
    const { status } = execution;
    const isExpected = cell.metadata.tags?.includes("raises-exception") === true && status === "error";
    return status === "ok" || isExpected
      ? []
      : [`${placeIn(notebook, cell)}${describeCellEnd(execution)}; judged with what the cells left`];
  });
}

/** A cell as its reader finds it: number, first line. */
function placeIn({ cells }: Notebook, { id, source }: CodeCell): string {
  const first = source.trim().split("\n")[0] ?? "";
  return `cell ${cells.findIndex((cell) => cell.id === id) + 1} (${JSON.stringify(first.slice(0, 60))})`;
}

function parseSubmission(text: string, file: string): Submission {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (cause) {
    const remedy = "A submission file is the value itself, as JSON; a notebook's name ends in .ipynb.";
    const [, special] = /(?:^|[[,:\s])-?(NaN|Infinity)\b/.exec(text) ?? [];
    const why =
      special === undefined
        ? messageOf(cause).replaceAll(/\s/g, " ")
        : `it holds ${special}, which Python writes, but JSON has finite numbers only`;
    throw new RunError("bad-option", `${basename(file)} is not JSON: ${why}. ${remedy}`, { cause });
  }
}
