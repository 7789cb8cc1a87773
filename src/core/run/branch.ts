// Owns: how branches compare and descend, which one is the best, and their names and coordinates.
import type { Branch, BranchId, Reproduction, Task, ValidScore } from "../../contracts/index.ts";

/** The branch that a proposal makes. */
export function branchId(proposalNumber: number): BranchId {
  return `b${proposalNumber}`;
}

/** Best first: higher fitness, then the earlier proposal. Total: no two branches of a run tie. */
export function bestFirst(a: Branch, b: Branch): number {
  return b.score.fitness - a.score.fitness || a.number - b.number;
}

/** The best branch of a run: of those that reproduction has not refuted. Null when there is none. */
export function bestOf(
  branches: Iterable<Branch>,
  reproduced: { get(id: BranchId): Reproduction | undefined },
): Branch | null {
  let best: Branch | null = null;
  for (const branch of branches) {
    const isRefuted = reproduced.get(branch.id)?.survives === false;
    if (!isRefuted && (best === null || bestFirst(branch, best) < 0)) best = branch;
  }
  return best;
}

/** The branch and what it descends from by first parents, the founder last; empty for an unknown branch. */
export function lineage(
  history: { readonly branches: { get(id: BranchId): Branch | undefined } },
  id: BranchId,
): readonly Branch[] {
  const { branches } = history;
  const line: Branch[] = [];
  for (let branch = branches.get(id); branch !== undefined; branch = branches.get(branch.parents[0] ?? ""))
    line.push(branch);
  return line;
}

/** The task's behaviour coordinates; one that was not measured counts as its range's lower end. */
export function descriptorOf(
  task: Task,
  score: ValidScore,
  traits: Readonly<Record<string, number>> = {},
): readonly number[] {
  return task.descriptors.map(({ metric, min }) => score.metrics[metric] ?? traits[metric] ?? min);
}
