// Owns: the scored branches of a journal, and which of them is the best. Never reads a blob.
import { bestFirst } from "../core/run/branch.ts";
import { RunError } from "../core/errors.ts";
import type { BlobHash, Branch, BranchId, Reproduction, RunEvent } from "../contracts/index.ts";

export interface JournalBranches {
  /** Blob: the task's JSON. */
  readonly task: BlobHash;
  /** In the order made. */
  readonly branches: readonly Branch[];
  readonly reproduced: ReadonlyMap<BranchId, Reproduction>;
  /** Of those whose scores were not found to be gone. */
  readonly best: Branch;
}

/** @throws RunError `run-missing` when nothing was scored. */
export async function journalBranches(
  events: AsyncIterable<RunEvent>,
  dir: string,
): Promise<JournalBranches> {
  const branches: Branch[] = [];
  const reproduced = new Map<BranchId, Reproduction>();
  let task: BlobHash | null = null;
  for await (const event of events) {
    if (event.type === "run-started") {
      task = event.task;
      branches.push(event.founder);
    } else if (event.type === "episode-ended" && event.outcome.ok) branches.push(event.outcome.branch);
    else if (event.type === "branch-reproduced") reproduced.set(event.branch, event.reproduction);
  }
  const best = bestOf(branches, reproduced);
  if (best === null || task === null) throw new RunError("run-missing", `${dir} holds no scored branch`);
  return { task, branches, reproduced, best };
}

/** Null when there is none. */
export function bestOf(
  branches: readonly Branch[],
  reproduced: ReadonlyMap<BranchId, Reproduction>,
): Branch | null {
  const left = branches.filter(({ id }) => reproduced.get(id)?.survives !== false);
  return left.toSorted(bestFirst)[0] ?? null;
}
