// Owns: which blobs an event names, and that it is never kept without them. Never reads a blob.
import type { BlobHash, Branch, Failure, Outcome, Proposal, RunEvent } from "../../contracts/index.ts";
import { RunError } from "../errors.ts";

/** Every blob that an event names, in the order of its fields; a hash may appear twice. */
export function blobsOf(event: RunEvent): readonly BlobHash[] {
  switch (event.type) {
    case "run-started":
      return [event.task, ...blobsOfBranch(event.founder)];
    case "turn-ended":
      return [event.reply, ...(event.request === undefined ? [] : [event.request])];
    case "calls-ended":
      return [event.results];
    case "round-ended":
      return [
        event.notebook,
        event.kernel,
        event.context,
        ...(event.submission === null ? [] : [event.submission]),
        ...(event.description === undefined ? [] : [event.description]),
      ];
    case "episode-ended":
      return blobsOfOutcome(event.outcome);
    case "proposal-made":
      return blobsOfProposal(event.proposal);
    case "kernel-restored":
    case "call-decided":
    case "proposal-told":
    case "branch-reproduced":
    case "run-stopped":
    case "steered":
    case "paused":
    case "unpaused":
      return [];
  }
}

/** Why these events cannot be kept, or null. `isKnown`: whether a blob is stored or was given with them. */
export function refuseMissingBlobs(
  events: readonly RunEvent[],
  isKnown: (hash: BlobHash) => boolean,
): RunError | null {
  for (const event of events) {
    const missing = blobsOf(event).find((hash) => !isKnown(hash));
    if (missing === undefined) continue;
    const message = `${event.type} names blob ${missing}, which is not stored and was not given with it. Append it together with its blobs.`;
    return new RunError("blob-missing", message);
  }
  return null;
}

function blobsOfProposal({ repairs, injected }: Proposal): readonly BlobHash[] {
  return [
    ...(repairs === undefined ? [] : blobsOfFailure(repairs.failure)),
    ...(injected === undefined ? [] : [injected.notebook]),
  ];
}

function blobsOfOutcome(outcome: Outcome): readonly BlobHash[] {
  if (outcome.ok) return blobsOfBranch(outcome.branch);
  return blobsOfFailure(outcome.failure);
}

function blobsOfFailure({ notebook, kernel }: Failure): readonly BlobHash[] {
  return [notebook, kernel].filter((hash) => hash !== undefined);
}

function blobsOfBranch(branch: Branch): readonly BlobHash[] {
  const { notebook, kernel, context, submission, description } = branch;
  return [notebook, kernel, context, submission, ...(description === undefined ? [] : [description])];
}
