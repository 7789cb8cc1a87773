// Owns: the branches without parents: the founder of a run, and a notebook that a person brings in.
// Never asks a model.
import { branchId } from "../core/run/branch.ts";
import { checkedRenderer } from "../core/run/ask-renderer.ts";
import { RunError } from "../core/errors.ts";
import { adoptNotebook } from "../core/notebook/injected-notebook.ts";
import { founderRejected, runFounder, runRoot, type ScoredRoot } from "../environment/index.ts";
import type {
  Blob,
  Branch,
  JsonObject,
  KernelLease,
  Notebook,
  Proposal,
  RunEvent,
  Task,
} from "../contracts/index.ts";
import { jsonBlob, readJson } from "./json-blob.ts";
import { describeBranch, failEpisode, failureOf } from "./outcome.ts";
import type { EpisodeEnd, EpisodeParts, RecordEvent } from "./types.ts";

export interface FounderParts<S> extends Pick<
  EpisodeParts<S>,
  "task" | "kernels" | "verifier" | "renderer" | "inputFor" | "descriptors"
> {
  readonly seed: number;
  readonly settings: JsonObject;
  readonly signal: AbortSignal;
}

/** The first event of a run: its founder, run from the top and judged. @throws RunError `founder-rejected` naming the cell. */
export async function playFounder<S>(
  parts: FounderParts<S>,
): Promise<{ readonly event: RunEvent; readonly blobs: readonly Blob[] }> {
  const { task, signal, seed, settings } = parts;
  await using lease = await leaseFresh(parts, branchId(0), true, signal);
  const founder = await runFounder(lease, parts, signal);
  const renderer = checkedRenderer(parts.renderer);
  const { branch, blobs } = rootBranch({ ...parts, renderer }, 0, founder);
  checkDescriptors(task, branch);
  const stored = jsonBlob(task);
  return {
    event: { type: "run-started", version: 2, seed, task: stored.hash, settings, founder: branch },
    blobs: [...blobs, stored],
  };
}

/** Plays an injected notebook from its beginning: after an interruption too. */
export async function playInjection<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  record: RecordEvent,
  signal: AbortSignal,
): Promise<EpisodeEnd> {
  const { id, number, injected } = proposal;
  if (injected === undefined) throw new RunError("run-corrupt", `${id} injects no notebook`);
  const given = await readJson<Notebook>(parts.blobs, injected.notebook);
  const notebook = adoptNotebook(parts.task.founder, given);
  try {
    await using lease = await leaseFresh(parts, id, false, signal);
    await record({ type: "kernel-restored", proposal: id, restored: lease.restored });
    const root = await runRoot(lease, parts, notebook, branchId(number), signal);
    if (!root.ok) return failEpisode(proposal, root.failure, root);
    const { branch, blobs } = rootBranch(parts, number, root);
    return { outcome: { ok: true, proposal, branch }, blobs };
  } catch (error) {
    return { outcome: { ok: false, proposal, failure: failureOf(error, signal) }, blobs: [] };
  }
}

function leaseFresh<S>(
  { kernels, task }: Pick<EpisodeParts<S>, "kernels" | "task">,
  workspace: string,
  trusted: boolean,
  signal: AbortSignal,
): Promise<KernelLease> {
  const timeoutMs = task.limits.cellTimeoutMs;
  return kernels.lease({ recipe: [] }, { signal, workspace, timeoutMs, trusted });
}

/** The branch of that number, and the blobs it names. */
function rootBranch<S>(
  parts: Pick<EpisodeParts<S>, "task" | "renderer" | "inputFor" | "descriptors">,
  number: number,
  { notebook, kernel, score, submission, description }: ScoredRoot,
): { readonly branch: Branch; readonly blobs: readonly Blob[] } {
  const described = description && jsonBlob(description);
  const blobs = {
    notebook: jsonBlob(notebook),
    kernel: jsonBlob(kernel),
    context: jsonBlob(parts.renderer.open(parts.inputFor(notebook))),
    submission: jsonBlob(submission),
  };
  const branch = describeBranch(
    parts,
    { notebook, score, submission },
    {
      id: branchId(number),
      number,
      parents: [],
      generation: 0,
      notebook: blobs.notebook.hash,
      kernel: blobs.kernel.hash,
      context: blobs.context.hash,
      submission: blobs.submission.hash,
      description: described?.hash,
    },
  );
  return { branch, blobs: [...Object.values(blobs), described].filter((blob) => blob !== null) };
}

/** @throws RunError `founder-rejected` where an axis of niches is measured by nothing. */
function checkDescriptors(task: Task, { score, traits }: Branch): void {
  const missing = task.descriptors.filter(
    ({ metric }) => (score.metrics[metric] ?? traits?.[metric]) === undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map(({ metric }) => metric).join(", ");
  throw founderRejected(task, `the verifier returns no metric ${names} for the descriptors`);
}
