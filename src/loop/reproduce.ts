// Owns: which branches of a run are reproduced, and how: run from top to bottom in a fresh kernel, judged and compared.
// A branch that does not survive is a result; only what stops the whole run is thrown.
import { bestFirst } from "../core/run/branch.ts";
import { ownScore } from "../core/run/goal.ts";
import type { History } from "../core/run/history.ts";
import { findChangedNames, compareOutputs } from "../core/notebook/compare-outputs.ts";
import { KernelLost } from "../core/errors.ts";
import { isCode, markOf } from "../core/notebook/notebook.ts";
import { describeKernel, judge, runNotebook } from "../environment/index.ts";
import type {
  BlobReader,
  Branch,
  CodeCell,
  Difference,
  KernelLease,
  KernelPool,
  KernelState,
  Notebook,
  Reproduction,
  Score,
  StateDescription,
  Task,
  Verifier,
} from "../contracts/index.ts";
import { readJson } from "./json-blob.ts";
import type { Recorder } from "./recorder.ts";
import type { EvolveParts, ReproduceMode } from "./types.ts";

export interface ReproduceParts {
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  readonly blobs: BlobReader;
}

/** Other kernels may be at work beside it: a cell has this many times the limit that it had. */
const PATIENCE = 2;
const MOST_DIFFERENCES = 20;
/** Scores that differ by less are the same: sums in another order. */
const RELATIVE = 1e-9;

/** @throws RunError where there is no kernel or no judge at all; the signal's reason when aborted. */
export async function reproduceNotebook(
  { task, kernels, verifier, blobs }: ReproduceParts,
  branch: Branch,
  { signal }: { readonly signal: AbortSignal },
): Promise<Reproduction> {
  const began = performance.now();
  const timeoutMs = PATIENCE * task.limits.cellTimeoutMs;
  const notebook = await readJson<Notebook>(blobs, branch.notebook);
  const { recipe } = await readJson<KernelState>(blobs, branch.kernel);
  const differences: Difference[] = [];
  const result = (reason: string, score: Score | null): Reproduction => ({
    survives: reason === "",
    reason: reason === "" ? "" : reason + orderNote(notebook, recipe),
    score,
    differences: boundDifferences(differences),
    durationMs: performance.now() - began,
  });
  const workspace = `reproduce-${branch.id}`;
  await using lease = await kernels.lease({ recipe: [] }, { signal, workspace, timeoutMs });
  try {
    const stopped = await rerunCells(lease, notebook, recipe, { timeoutMs, signal }, differences);
    if (stopped !== null) return result(stopped, null);
    const { score } = await judge(lease, task, verifier, signal);
    if (branch.description !== undefined) {
      const before = await readJson<StateDescription>(blobs, branch.description);
      differences.push(...nameDifferences(before, await describeKernel(lease, { timeoutMs, signal })));
    }
    return result(whyWorse(branch, score), score);
  } catch (error) {
    if (error instanceof KernelLost) return result(`the kernel was lost: ${error.message}`, null);
    throw error;
  }
}

/** Why it cannot go on; null when all cells ran. Cells that had never run are left out. */
async function rerunCells(
  lease: KernelLease,
  notebook: Notebook,
  recipe: KernelState["recipe"],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  differences: Difference[],
): Promise<string | null> {
  const ran = new Set(recipe.map(({ cell }) => cell));
  const { executed, stoppedBy } = await runNotebook(lease, notebook, {
    ...options,
    skip: ({ id }) => !ran.has(id),
    stopsAt: (status) => status === "interrupted" || status === "died",
  });
  const now = new Map(executed.map(({ cell, execution }) => [cell.id, execution]));
  for (const cell of notebook.cells.filter(isCode)) {
    if (cell.id === stoppedBy?.cell.id) break;
    const done = now.get(cell.id);
    const what =
      done === undefined
        ? "left out: it never ran"
        : (changedSince(cell, recipe) ?? compareOutputs(cell.outputs, done.outputs));
    if (what !== null) differences.push({ cell: cell.id, what });
  }
  if (stoppedBy === null) return null;
  const { cell, execution } = stoppedBy;
  return execution.status === "died"
    ? `the kernel died in cell ${cell.id}`
    : `cell ${cell.id} exceeded ${options.timeoutMs / 1000} s`;
}

function changedSince(cell: CodeCell, recipe: KernelState["recipe"]): string | null {
  if (markOf(cell).state !== "dirty") return null;
  const last = recipe.findLast((step) => step.cell === cell.id);
  return last === undefined || last.source === cell.source
    ? null
    : "was changed after it ran, and not run again";
}

function nameDifferences(before: StateDescription, now: StateDescription | null): readonly Difference[] {
  if (now === null) return [];
  const { missing, changed } = findChangedNames(before, now);
  return [
    ...changed.map((name) => ({ cell: null, what: `${name} holds something else` })),
    ...(missing.length === 0 ? [] : [{ cell: null, what: `not defined now: ${missing.join(", ")}` }]),
  ];
}

function whyWorse({ score: was }: Branch, now: Score): string {
  if (!now.valid) return `the verifier rejects it now: ${now.message}`;
  const loss = was.fitness - now.fitness;
  if (loss <= RELATIVE * Math.max(1, Math.abs(was.fitness))) return "";
  return `it scores ${ownScore(now)} now, not ${ownScore(was)}`;
}

/** What a notebook that is read top to bottom cannot show. */
function orderNote(notebook: Notebook, recipe: KernelState["recipe"]): string {
  const counts = new Map<string, number>();
  for (const { cell } of recipe) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const again = [...counts].flatMap(([cell, count]) => (count > 1 ? [`${cell} had run ${count} times`] : []));
  const order = notebook.cells.map(({ id }) => id);
  const places = recipe.map(({ cell }) => order.indexOf(cell)).filter((place) => place >= 0);
  const moved = again.length === 0 && places.some((place, index) => place < (places[index - 1] ?? 0));
  const notes = [...again.slice(0, 5), ...(moved ? ["its cells had run in another order"] : [])];
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}

function boundDifferences(differences: readonly Difference[]): readonly Difference[] {
  const more = differences.length - MOST_DIFFERENCES;
  const kept = differences.slice(0, MOST_DIFFERENCES);
  return more > 0 ? [...kept, { cell: null, what: `and ${more} more` }] : kept;
}

export interface ReproduceQueue {
  /** Something may have changed: begins the next reproduction, unless one is under way. */
  look(): void;
  /** Reproduces what there is to reproduce. False when there was nothing. */
  settle(): Promise<boolean>;
}

/** Reproductions beside the episodes, one at a time; none where there is no way to reproduce. */
export function reproduceQueue<P>(
  reproduce: EvolveParts<P>["reproduce"],
  mode: ReproduceMode,
  recorder: Recorder<P>,
  signal: AbortSignal,
): ReproduceQueue {
  let underWay: Promise<void> | null = null;
  const look = (): void => {
    if (underWay !== null || reproduce === undefined) return;
    const branch = nextToReproduce(recorder.run, mode);
    if (branch === null) return;
    const working = reproduce(branch, signal).then((reproduction) =>
      recorder.write({ type: "branch-reproduced", branch: branch.id, reproduction }),
    );
    underWay = working;
    working.then(
      () => {
        underWay = null;
        look();
      },
      () => undefined, // thrown where it is waited for; nothing more is begun
    );
  };
  return {
    look,
    async settle() {
      look();
      if (underWay === null) return false;
      // One that ends begins the next.
      while (underWay !== null) await underWay;
      return true;
    },
  };
}

/** The founder ran top to bottom in a fresh kernel when it was made. */
function nextToReproduce({ best, branches, reproduced }: History, mode: ReproduceMode): Branch | null {
  const isDue = ({ id, number }: Branch): boolean => number > 0 && !reproduced.has(id);
  if (mode === "none") return null;
  if (mode === "best") return isDue(best) ? best : null;
  return branches.valueSeq().filter(isDue).min(bestFirst) ?? null;
}
