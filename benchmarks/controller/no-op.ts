// Owns: episodes that do nothing and end at once with a branch whose score is a function of the proposal. What is left is
// the controller: strategy, journal, reduction.
import { branchId } from "../../src/core/run/branch.ts";
import { codeCell, emptyNotebook } from "../../src/core/notebook/notebook.ts";
import { randomAt } from "../../src/core/random.ts";
import { jsonBlob } from "../../src/loop/json-blob.ts";
import type { Run } from "../../src/core/run/run.ts";
import type { EpisodeEnd } from "../../src/loop/types.ts";
import type { Blob, Branch, Proposal, RunEvent } from "../../src/contracts/index.ts";

const NOTEBOOK = {
  ...emptyNotebook(),
  cells: [codeCell("c1", "submission = 1", { role: "code", round: 0 })],
};
const notebook = jsonBlob(NOTEBOOK);
const nothing = jsonBlob(null);

/** The same for every branch: what is measured is not the store of notebooks. */
const noOpBlobs: readonly Blob[] = [notebook, nothing];

/** A branch whose fitness is near the best of its parents, and whose descriptor is random. */
export function noOpBranch(number: number, parents: readonly Branch[]): Branch {
  const random = randomAt("no-op", number);
  const base = Math.max(0, ...parents.map(({ score }) => score.fitness));
  const fitness = base + random.next() - 0.6;
  return {
    id: branchId(number),
    number,
    parents: parents.map(({ id }) => id),
    generation: 1 + Math.max(-1, ...parents.map(({ generation }) => generation)),
    score: {
      valid: true,
      fitness,
      metrics: { score: fitness, a: random.next(), b: random.next() },
      message: "",
    },
    descriptor: [],
    traits: { "notebook.lines": random.int(400), "notebook.families": random.int(8) },
    fingerprint: random
      .int(2 ** 32)
      .toString(16)
      .padStart(8, "0")
      .repeat(2),
    notebook: notebook.hash,
    kernel: nothing.hash,
    context: nothing.hash,
    submission: nothing.hash,
  };
}

/** The first event of a run without a task. */
export function noOpStart(seed: number): { readonly event: RunEvent; readonly blobs: readonly Blob[] } {
  const founder = noOpBranch(0, []);
  const event = { type: "run-started", version: 2, seed, task: nothing.hash, settings: {}, founder } as const;
  return { event, blobs: noOpBlobs };
}

/** Every seventh episode fails. */
export function noOpEnd(proposal: Proposal, run: Pick<Run, "branches">): EpisodeEnd {
  if (proposal.number % 7 === 3) {
    const failure = { boundary: "verifier", message: "it is every seventh's fate" } as const;
    return { outcome: { ok: false, proposal, failure }, blobs: [] };
  }
  const parents = proposal.parents.flatMap((id) => run.branches.get(id) ?? []);
  return { outcome: { ok: true, proposal, branch: noOpBranch(proposal.number, parents) }, blobs: [] };
}
