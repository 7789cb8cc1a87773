// Owns: a notebook that no episode made (the founder, or one that a person brings in), run from the top and judged.
// Never makes a branch of it: that is the loop's.
import { branchId } from "../core/run/branch.ts";
import { RunError } from "../core/errors.ts";
import { verifierFault } from "../core/python/verifier-fault.ts";
import { withMetadata, type NotebookState } from "../core/notebook/notebook.ts";
import { withoutControls } from "../core/output/terminal.ts";
import type {
  BranchId,
  CodeCell,
  Execution,
  Failure,
  KernelLease,
  Notebook,
  StateDescription,
  Submission,
  Task,
  ValidScore,
  Verifier,
} from "../contracts/index.ts";
import { describeKernel, judge } from "./judge.ts";
import { runNotebook } from "./run-notebook.ts";

/** A root that scored; its kernel's state is kept for the children. */
export interface ScoredRoot extends NotebookState {
  readonly ok: true;
  readonly score: ValidScore;
  readonly submission: Submission | null;
  readonly description: StateDescription | null;
}

/** One that did not, as far as it ran. */
export interface BrokenRoot extends NotebookState {
  readonly ok: false;
  readonly failure: Pick<Failure, "boundary" | "message">;
}

/**
 * Runs every code cell until one does not end well, and has the result judged. `places`: what to call the cells, by id.
 * @throws KernelLost; the signal's reason when aborted.
 */
export async function runRoot(
  lease: KernelLease,
  { task, verifier }: { readonly task: Task; readonly verifier: Verifier },
  notebook: Notebook,
  branch: BranchId,
  signal: AbortSignal,
  places: Task["places"] = {},
): Promise<ScoredRoot | BrokenRoot> {
  const timeoutMs = task.limits.cellTimeoutMs;
  const { stoppedBy, ...ran } = await runNotebook(lease, notebook, { timeoutMs, signal });
  if (stoppedBy !== null) {
    const { cell, execution } = stoppedBy;
    const message = `${places[cell.id] ?? describeCell(cell)}${describeCellEnd(execution)}`;
    return { ...ran, ok: false, failure: { boundary: "kernel", message } };
  }
  const { score, submission } = await judge(lease, task, verifier, signal);
  if (!score.valid) return { ...ran, ok: false, failure: { boundary: "verifier", message: score.message } };
  const description = await describeKernel(lease, { timeoutMs, signal });
  await lease.checkpoint(ran.kernel, { timeoutMs, signal });
  const marked = withMetadata(ran.notebook, { branch, rounds: 0, task: task.name });
  return { ok: true, notebook: marked, kernel: ran.kernel, score, submission, description };
}

/** Runs and judges the task's founder. @throws RunError `founder-rejected` naming the cell. */
export async function runFounder(
  lease: KernelLease,
  parts: { readonly task: Task; readonly verifier: Verifier },
  signal: AbortSignal,
): Promise<ScoredRoot> {
  const { task } = parts;
  const root = await runRoot(lease, parts, task.founder, branchId(0), signal, task.places);
  if (root.ok) return root;
  const { boundary, message } = root.failure;
  throw founderRejected(task, boundary === "verifier" ? verifierFault(task, message) : message);
}

export function founderRejected(task: Task, why: string): RunError {
  return new RunError(
    "founder-rejected",
    `task "${task.name}": ${why}. A run begins with a first solution that runs and has a score: correct the task's notebook.`,
  );
}

function describeCell(cell: CodeCell): string {
  const first = cell.source.trim().split("\n")[0] ?? "";
  return `its cell ${cell.id} (${JSON.stringify(first.slice(0, 60))})`;
}

/** How a cell ended that did not end well, after its name. */
export function describeCellEnd({ status, outputs }: Execution): string {
  const error = outputs.find((output) => output.output_type === "error");
  if (error === undefined) return ` was ${status}`;
  const frame = /Cell In\[\d+\], line (\d+)/.exec(withoutControls(error.traceback.join("\n")));
  const line = frame === null ? "" : `, line ${frame[1]},`;
  return `${line} raised ${error.ename}: ${error.evalue}`;
}
