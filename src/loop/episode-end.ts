// Owns: what an episode amounts to - a branch, or a failure that is told like any other outcome.
import { branchId, descriptorOf } from "../core/branch.ts";
import { KernelLost, messageOf, ModelError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import type { NotebookEnvironment } from "../environment/index.ts";
import type { Branch, Failure, Outcome, Proposal, RunEvent, Task } from "../spec/index.ts";
import type { EpisodeEnd } from "./evolve.ts";
import { jsonBlob } from "./json-blob.ts";

export type RoundEnded = Extract<RunEvent, { type: "round-ended" }>;

/** The branch of the best valid round; the latest when rounds tie. */
export function ended(task: Task, proposal: Proposal, run: Run, rounds: readonly RoundEnded[]): EpisodeEnd {
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
      ...(last && { notebook: last.notebook }),
    };
    return { outcome: { ok: false, proposal, failure }, blobs: [] };
  }
  const { score, notebook, kernel, context, submission } = best;
  const parents = proposal.parents.flatMap((id) => run.branches.get(id) ?? []);
  const branch: Branch = {
    id: branchId(proposal.number),
    number: proposal.number,
    parents: proposal.parents,
    generation: 1 + Math.max(...parents.map((parent) => parent.generation)),
    score,
    descriptor: descriptorOf(task, score),
    notebook,
    kernel,
    context,
    submission,
  };
  return { outcome: { ok: true, proposal, branch }, blobs: [] };
}

function fitnessOf({ score }: RoundEnded): number {
  return score.valid ? score.fitness : -Infinity;
}

/** A failure, with the notebook as it was when there is one. */
export function failed(proposal: Proposal, failure: Failure, environment: NotebookEnvironment): EpisodeEnd {
  const notebook = environment.begun ? jsonBlob(environment.state().notebook) : null;
  const outcome: Outcome = {
    ok: false,
    proposal,
    failure: notebook === null ? failure : { ...failure, notebook: notebook.hash },
  };
  return { outcome, blobs: notebook === null ? [] : [notebook] };
}

/** @throws what is not a failure of this episode alone. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) throw error;
  if (error instanceof KernelLost) return { boundary: "kernel", message: messageOf(error) };
  if (error instanceof ModelError) return { boundary: "model", message: messageOf(error) };
  throw error;
}
