// Owns: what an address's `branch` names: a branch, or a proposal that left none. Pure.
import { RunError } from "../../core/errors.ts";
import type { EndedEpisode, History, OpenEpisode } from "../../core/run/history.ts";
import { findBranch } from "../../history/find-branch.ts";
import type { Branch, BranchId, Proposal } from "../../contracts/index.ts";

/** A branch, or a proposal that left none (yet). */
export interface Subject {
  /** Null: the proposal failed, or is open. */
  readonly branch: Branch | null;
  /** Null: it is the founder. */
  readonly proposal: Proposal | null;
  /** Null: it is the founder, or the proposal is open. */
  readonly ended: EndedEpisode | null;
  readonly open: OpenEpisode | null;
}

/** In words where there is none of that name. `id`: as in the address; undefined: the best branch. */
export function findSubject(history: History, id: string | undefined): Subject | string {
  if (id !== undefined && /^p\d+$/.test(id)) {
    const ended = history.ended.findLast(({ outcome }) => outcome.proposal.id === id) ?? null;
    const open = history.open.get(id) ?? null;
    const proposal = ended?.outcome.proposal ?? open?.proposal ?? null;
    if (proposal === null)
      return `At this moment the run has no branch ${id.replace("p", "b")} and no proposal ${id}.`;
    return { branch: ended?.outcome.ok === true ? ended.outcome.branch : null, proposal, ended, open };
  }
  try {
    const branch = findBranch(history, id, "the run");
    const ended =
      history.ended.findLast(({ outcome }) => outcome.ok && outcome.branch.id === branch.id) ?? null;
    return { branch, proposal: ended?.outcome.proposal ?? null, ended, open: null };
  } catch (problem) {
    // Each proposal may make the branch of its own number.
    const proposal = id?.replace("b", "p");
    if (problem instanceof RunError && proposal !== id) return findSubject(history, proposal);
    if (problem instanceof RunError) return `At this moment the run has no branch ${id ?? ""}.`;
    throw problem;
  }
}

/** Branches that have this one among their parents, in the order scored. */
export function childrenOf({ ended }: History, id: BranchId): readonly Branch[] {
  const children: Branch[] = [];
  for (const { outcome } of ended)
    if (outcome.ok && outcome.branch.parents.includes(id)) children.push(outcome.branch);
  return children;
}
