// Owns: which notes of people a proposal carries. A pure function of the run before it.
import type { Proposal } from "../../contracts/index.ts";
import { lineage } from "./branch.ts";
import type { History } from "./history.ts";

/** The proposal with the notes that are for it, in the order given. */
export function withNotes(proposal: Proposal, history: History): Proposal {
  if (history.notes.length === 0) return proposal;
  const line = new Set(lineage(history, proposal.parents[0] ?? "").map(({ id }) => id));
  const notes = history.notes
    .filter(({ branch }) => branch === null || line.has(branch))
    .map(({ command, note }) => ({ command, note }));
  return notes.length === 0 ? proposal : { ...proposal, notes };
}
