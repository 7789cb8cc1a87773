// Owns: which branches of a run are reproduced, and when: beside the episodes, one at a time. Never runs a cell.
import { bestFirst } from "../core/run/branch.ts";
import type { Run } from "../core/run/run.ts";
import type { Branch, Reproduction } from "../contracts/index.ts";
import type { RecordEvent } from "./evolve.ts";

/** `best`: whoever would be reported as the best. `all`: every branch, best first. */
export type ReproduceMode = "best" | "all" | "none";

export interface ReproduceQueue {
  /** Something may have changed: begins the next one, unless one is under way. */
  look(): void;
  /** Reproduces what there is to reproduce. False when there was nothing. */
  settle(): Promise<boolean>;
}

export interface ReproduceQueueParts {
  readonly mode: ReproduceMode;
  readonly run: () => Run;
  readonly record: RecordEvent;
  /** @throws what stops the run. */
  reproduce(branch: Branch): Promise<Reproduction>;
}

export function reproduceQueue(parts: ReproduceQueueParts): ReproduceQueue {
  const { mode, run, record } = parts;
  let underWay: Promise<void> | null = null;
  const one = async (branch: Branch): Promise<void> => {
    const reproduction = await parts.reproduce(branch);
    await record({ type: "branch-reproduced", branch: branch.id, reproduction });
  };
  const look = (): void => {
    if (underWay !== null) return;
    const branch = nextToReproduce(run(), mode);
    if (branch === null) return;
    const working = one(branch);
    underWay = working;
    working.then(
      () => {
        underWay = null;
        look();
      },
      () => undefined, // thrown where it is waited for; nothing more is begun
    );
  };
  return {
    look,
    async settle() {
      look();
      if (underWay === null) return false;
      // One that ends begins the next.
      while (underWay !== null) await underWay;
      return true;
    },
  };
}

/** The founder ran top to bottom in a fresh kernel when it was made. */
function nextToReproduce({ best, branches, reproduced }: Run, mode: ReproduceMode): Branch | null {
  const isDue = ({ id, number }: Branch): boolean => number > 0 && !reproduced.has(id);
  if (mode === "none") return null;
  if (mode === "best") return isDue(best) ? best : null;
  return branches.valueSeq().filter(isDue).min(bestFirst) ?? null;
}
