// Owns: what an episode amounts to: a branch, or a failure, which the strategy hears of as of any other outcome.
import { branchId, descriptorOf } from "../core/run/branch.ts";
import { KernelLost, messageOf, ModelError } from "../core/errors.ts";
import type { NotebookState } from "../core/notebook/notebook.ts";
import { callPart, partFailure, type OwnPart } from "../core/own-part.ts";
import { isRecord } from "../core/untrusted.ts";
import { fingerprintOf, traitsOf } from "../core/notebook/notebook-traits.ts";
import type { History } from "../core/run/history.ts";
import type {
  BlobReader,
  Branch,
  DescribedBranch,
  DescriptorFunction,
  Failure,
  Notebook,
  Proposal,
  Submission,
  Task,
} from "../contracts/index.ts";
import { jsonBlob, readJson } from "./json-blob.ts";
import type { EpisodeEnd, RoundEnded } from "./types.ts";

export interface BranchParts {
  readonly task: Task;
  /** The user's own traits of a branch. */
  readonly descriptors?: DescriptorFunction | undefined;
}

/** A branch with what is computed from its notebook. @throws RunError `descriptors-failed`. */
export function describeBranch(
  { task, descriptors }: BranchParts,
  made: DescribedBranch,
  branch: Omit<Branch, "score" | "descriptor" | "traits" | "fingerprint">,
): Branch {
  // The notebook's own traits are never overridden.
  const traits = { ...userTraits(descriptors, made), ...traitsOf(made.notebook) };
  const { score, notebook } = made;
  return {
    ...branch,
    score,
    descriptor: descriptorOf(task, score, traits),
    traits,
    fingerprint: fingerprintOf(notebook),
  };
}

/** The branch of the best valid round; the latest when rounds tie. */
export async function endEpisode(
  parts: BranchParts & { readonly blobs: BlobReader },
  proposal: Proposal,
  run: History,
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
      notebook: last?.notebook,
      kernel: last?.kernel,
    };
    return { outcome: { ok: false, proposal, failure }, blobs: [] };
  }
  const { score, notebook, kernel, context, submission, description } = best;
  const parents = proposal.parents.flatMap((id) => run.branches.get(id) ?? []);
  const made: DescribedBranch = {
    notebook: await readJson<Notebook>(parts.blobs, notebook),
    score,
    submission: await readJson<Submission>(parts.blobs, submission),
  };
  const branch = describeBranch(parts, made, {
    id: branchId(proposal.number),
    number: proposal.number,
    parents: proposal.parents,
    generation: 1 + Math.max(...parents.map((parent) => parent.generation)),
    ...{ notebook, kernel, context, submission, description },
  });
  return { outcome: { ok: true, proposal, branch }, blobs: [] };
}

/** A failure, with the notebook and the kernel as they were. */
export function failEpisode(
  proposal: Proposal,
  failure: Pick<Failure, "boundary" | "message">,
  left: NotebookState,
): EpisodeEnd {
  const [notebook, kernel] = [jsonBlob(left.notebook), jsonBlob(left.kernel)];
  const whole: Failure = { ...failure, notebook: notebook.hash, kernel: kernel.hash };
  return { outcome: { ok: false, proposal, failure: whole }, blobs: [notebook, kernel] };
}

/** @throws what is not a failure of this episode alone. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) throw error;
  if (error instanceof KernelLost) return { boundary: "kernel", message: messageOf(error) };
  if (error instanceof ModelError) return { boundary: "model", message: messageOf(error) };
  throw error;
}

function fitnessOf({ score }: RoundEnded): number {
  return score.valid ? score.fitness : -Infinity;
}

function userTraits(
  descriptors: DescriptorFunction | undefined,
  made: DescribedBranch,
): Readonly<Record<string, number>> {
  if (descriptors === undefined) return {};
  const part: OwnPart = { kind: "function for descriptors" };
  const traits: unknown = callPart(part, null, () => descriptors(made));
  if (!isRecord(traits)) throw partFailure(part, "gave no object of numbers by name");
  const numbers = Object.entries(traits).map(([name, value]) => {
    if (typeof value === "number" && Number.isFinite(value)) return [name, value] as const;
    throw partFailure(part, `gave ${String(value)} for "${name}", which is no finite number`);
  });
  return Object.fromEntries(numbers);
}
