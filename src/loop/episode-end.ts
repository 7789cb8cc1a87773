// Owns: what an episode amounts to - a branch, or a failure that is told like any other outcome.
import { branchId, descriptorOf } from "../core/run/branch.ts";
import { KernelLost, messageOf, ModelError } from "../core/errors.ts";
import { fingerprintOf } from "../core/notebook/notebook-traits.ts";
import type { Run } from "../core/run/run.ts";
import type { NotebookEnvironment } from "../environment/index.ts";
import type {
  BlobReader,
  Branch,
  DescriptorFunction,
  Failure,
  Notebook,
  Proposal,
  RunEvent,
  Submission,
  Task,
} from "../contracts/index.ts";
import type { EpisodeEnd } from "./evolve.ts";
import { branchTraits } from "./branch-traits.ts";
import { jsonBlob, readJson } from "./json-blob.ts";

export type RoundEnded = Extract<RunEvent, { type: "round-ended" }>;

/** The branch of the best valid round; the latest when rounds tie. */
export async function endEpisode(
  parts: {
    readonly task: Task;
    readonly blobs: BlobReader;
    readonly descriptors?: DescriptorFunction | undefined;
  },
  proposal: Proposal,
  run: Run,
  rounds: readonly RoundEnded[],
): Promise<EpisodeEnd> {
  const valid = rounds.filter((round) => round.score.valid);
  const best = valid.reduce<RoundEnded | null>(
    (a, b) => (a === null || fitnessOf(b) >= fitnessOf(a) ? b : a),
    null,
  );
  if (best === null || !best.score.valid || best.submission === null) {
    const last = rounds.at(-1);
    const message = last?.score.message ?? "no round was played within the episode's limits";
    const failure: Failure = {
      boundary: last ? "verifier" : "limit",
      message,
      ...(last && { notebook: last.notebook, kernel: last.kernel }),
    };
    return { outcome: { ok: false, proposal, failure }, blobs: [] };
  }
  const { score, notebook, kernel, context, submission, description } = best;
  const parents = proposal.parents.flatMap((id) => run.branches.get(id) ?? []);
  const written = await readJson<Notebook>(parts.blobs, notebook);
  const traits = branchTraits(parts.descriptors, {
    notebook: written,
    score,
    submission: await readJson<Submission>(parts.blobs, submission),
  });
  const branch: Branch = {
    id: branchId(proposal.number),
    number: proposal.number,
    parents: proposal.parents,
    generation: 1 + Math.max(...parents.map((parent) => parent.generation)),
    score,
    descriptor: descriptorOf(parts.task, score, traits),
    traits,
    fingerprint: fingerprintOf(written),
    notebook,
    kernel,
    context,
    submission,
    ...(description !== undefined && { description }),
  };
  return { outcome: { ok: true, proposal, branch }, blobs: [] };
}

function fitnessOf({ score }: RoundEnded): number {
  return score.valid ? score.fitness : -Infinity;
}

/** A failure, with the notebook and the kernel as they were when there are any. */
export function failEpisode(
  proposal: Proposal,
  failure: Failure,
  environment: NotebookEnvironment,
): EpisodeEnd {
  if (!environment.begun) return { outcome: { ok: false, proposal, failure }, blobs: [] };
  const state = environment.state();
  const [notebook, kernel] = [jsonBlob(state.notebook), jsonBlob(state.kernel)];
  const left = { ...failure, notebook: notebook.hash, kernel: kernel.hash };
  return { outcome: { ok: false, proposal, failure: left }, blobs: [notebook, kernel] };
}

/** @throws what is not a failure of this episode alone. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) throw error;
  if (error instanceof KernelLost) return { boundary: "kernel", message: messageOf(error) };
  if (error instanceof ModelError) return { boundary: "model", message: messageOf(error) };
  throw error;
}
