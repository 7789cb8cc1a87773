// Owns: how branches compare, what they are called, and where they lie among the niches.
import type { Branch, BranchId, Task, ValidScore } from "../../contracts/index.ts";

/** The branch that a proposal makes. */
export function branchId(proposalNumber: number): BranchId {
  return `b${proposalNumber}`;
}

/** Best first: higher fitness, then the earlier proposal. Total: no two branches of a run tie. */
export function bestFirst(a: Branch, b: Branch): number {
  return b.score.fitness - a.score.fitness || a.number - b.number;
}

/** The task's behaviour coordinates; one that was not measured counts as its range's lower end. */
export function descriptorOf(
  task: Task,
  score: ValidScore,
  traits: Readonly<Record<string, number>> = {},
): readonly number[] {
  return task.descriptors.map(({ metric, min }) => score.metrics[metric] ?? traits[metric] ?? min);
}
