// Owns: a notebook that a person brings into a run, carried out: run from the top on a kernel of its own, judged, and told
// to the strategy like any other outcome. Never asks a model.
import { RunError } from "../core/errors.ts";
import { injectedNotebook } from "../core/notebook/injected-notebook.ts";
import type { NotebookState } from "../core/notebook/notebook.ts";
import { descriptionOf, judge } from "../environment/index.ts";
import type { Failure, Notebook, Proposal } from "../contracts/index.ts";
import { failureOf } from "./episode-end.ts";
import type { EpisodeParts } from "./episode.ts";
import type { EpisodeEnd, RecordEvent } from "./evolve.ts";
import { jsonBlob, readJson } from "./json-blob.ts";
import { scoreRootBranch, runAllCells } from "./root-branch.ts";

/** Plays it from its beginning: after an interruption too. */
export async function playInjection<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  record: RecordEvent,
  signal: AbortSignal,
): Promise<EpisodeEnd> {
  const { injected } = proposal;
  if (injected === undefined) throw new RunError("run-corrupt", `${proposal.id} injects no notebook`);
  const given = await readJson<Notebook>(parts.blobs, injected.notebook);
  const notebook = injectedNotebook(parts.task.founder, given);
  try {
    return await score(parts, proposal, notebook, record, signal);
  } catch (error) {
    return { outcome: { ok: false, proposal, failure: failureOf(error, signal) }, blobs: [] };
  }
}

async function score<S>(
  parts: EpisodeParts<S>,
  proposal: Proposal,
  notebook: Notebook,
  record: RecordEvent,
  signal: AbortSignal,
): Promise<EpisodeEnd> {
  const { task, kernels, verifier } = parts;
  const timeoutMs = task.limits.cellTimeoutMs;
  await using lease = await kernels.lease({ recipe: [] }, { signal, workspace: proposal.id, timeoutMs });
  await record({ type: "kernel-restored", proposal: proposal.id, restored: lease.restored });
  const ran = await runAllCells(notebook, lease, timeoutMs, signal);
  if (ran.broken !== null) return failed(proposal, "kernel", ran.broken, ran);
  const { score: verdict, submission } = await judge(lease, task, verifier, signal);
  if (!verdict.valid) return failed(proposal, "verifier", verdict.message, ran);
  const description = await descriptionOf(lease, { timeoutMs, signal });
  await lease.checkpoint(ran.kernel, { timeoutMs, signal });
  const { branch, blobs } = scoreRootBranch(parts, proposal.number, ran, verdict, submission, description);
  return { outcome: { ok: true, proposal, branch }, blobs };
}

function failed(
  proposal: Proposal,
  boundary: Failure["boundary"],
  message: string,
  left: NotebookState,
): EpisodeEnd {
  const [notebook, kernel] = [jsonBlob(left.notebook), jsonBlob(left.kernel)];
  const failure: Failure = { boundary, message, notebook: notebook.hash, kernel: kernel.hash };
  return { outcome: { ok: false, proposal, failure }, blobs: [notebook, kernel] };
}
