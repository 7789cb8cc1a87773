// Owns: a notebook that nobody's episode made - the founder, or one that a person brings in - run, judged, made a branch
// without parents. What becomes of one that fails is the caller's.
import { branchId, descriptorOf } from "../core/run/branch.ts";
import { fingerprintOf } from "../core/notebook/notebook-traits.ts";
import { withMetadata, type NotebookState } from "../core/notebook/notebook.ts";
import { withoutControls } from "../core/output/terminal.ts";
import { runNotebook, type Verdict } from "../environment/index.ts";
import type {
  Blob,
  Branch,
  CodeCell,
  DescriptorFunction,
  Execution,
  KernelLease,
  Notebook,
  Renderer,
  RenderInput,
  StateDescription,
  Task,
  ValidScore,
} from "../contracts/index.ts";
import { branchTraits } from "./branch-traits.ts";
import { jsonBlob } from "./json-blob.ts";

export interface Ran extends NotebookState {
  /** The cell that did not end well, and how, in words; null when all did. */
  readonly broken: string | null;
}

/** Runs every code cell, top to bottom, until one does not end well. `places`: what to call the cells, by id. */
export async function runAllCells(
  notebook: Notebook,
  lease: KernelLease,
  timeoutMs: number,
  signal: AbortSignal,
  places: Task["places"] = {},
): Promise<Ran> {
  const { stoppedBy, ...ran } = await runNotebook(lease, notebook, { timeoutMs, signal });
  if (stoppedBy === null) return { ...ran, broken: null };
  const { cell, execution } = stoppedBy;
  return { ...ran, broken: `${places[cell.id] ?? describe(cell)}${explain(execution)}` };
}

export interface RootParts<S> {
  readonly task: Task;
  readonly renderer: Renderer<S>;
  readonly scene: (notebook: RenderInput["notebook"]) => RenderInput;
  /** The user's own traits of a branch. */
  readonly descriptors?: DescriptorFunction | undefined;
}

/** The branch of that number, and the blobs it names. */
export function scoreRootBranch<S>(
  { task, renderer, scene, descriptors }: RootParts<S>,
  number: number,
  ran: NotebookState,
  score: ValidScore,
  submission: Verdict["submission"],
  description: StateDescription | null,
): { readonly branch: Branch; readonly blobs: readonly Blob[] } {
  const id = branchId(number);
  const notebook = withMetadata(ran.notebook, { branch: id, rounds: 0, task: task.name });
  const traits = branchTraits(descriptors, { notebook, score, submission });
  const blobs = [
    jsonBlob(notebook),
    jsonBlob(ran.kernel),
    jsonBlob(renderer.open(scene(notebook))),
    jsonBlob(submission),
  ] as const;
  const described = description === null ? null : jsonBlob(description);
  const branch: Branch = {
    id,
    number,
    parents: [],
    generation: 0,
    score,
    descriptor: descriptorOf(task, score, traits),
    traits,
    fingerprint: fingerprintOf(notebook),
    notebook: blobs[0].hash,
    kernel: blobs[1].hash,
    context: blobs[2].hash,
    submission: blobs[3].hash,
    ...(described !== null && { description: described.hash }),
  };
  return { branch, blobs: described === null ? blobs : [...blobs, described] };
}

function describe(cell: CodeCell): string {
  const first = cell.source.trim().split("\n")[0] ?? "";
  return `its cell ${cell.id} (${JSON.stringify(first.slice(0, 60))})`;
}

function explain({ status, outputs }: Execution): string {
  const error = outputs.find((output) => output.output_type === "error");
  if (error === undefined) return ` was ${status}`;
  const frame = /Cell In\[\d+\], line (\d+)/.exec(withoutControls(error.traceback.join("\n")));
  const line = frame === null ? "" : `, line ${frame[1]},`;
  return `${line} raised ${error.ename}: ${error.evalue}`;
}
