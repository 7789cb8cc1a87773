// Owns: which notes of people a proposal carries. A pure function of the run before it.
import type { BranchId, Proposal } from "../../contracts/index.ts";
import type { Run } from "./run.ts";

/** The proposal with the notes that are for it, in the order given. */
export function withNotes(proposal: Proposal, run: Run): Proposal {
  if (run.notes.length === 0) return proposal;
  const line = lineOf(run, proposal.parents[0]);
  const notes = run.notes
    .filter(({ branch }) => branch === null || line.has(branch))
    .map(({ command, note }) => ({ command, note }));
  return notes.length === 0 ? proposal : { ...proposal, notes };
}

/** The branch and what it descends from, by first parents. */
function lineOf(run: Run, from: BranchId | undefined): ReadonlySet<BranchId> {
  const line = new Set<BranchId>();
  for (let id = from; id !== undefined; id = run.branches.get(id)?.parents[0]) line.add(id);
  return line;
}
