// Owns: which fields of an event are hashes of blobs. Never reads a blob.
import type { BlobHash, Branch, Failure, Outcome, Proposal, RunEvent } from "../../contracts/index.ts";

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
