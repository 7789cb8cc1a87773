// Owns: what a run came to in numbers, as the end of a session and a reader of its directory give it alike.
import type { BranchId, StopReason, Usage } from "../contracts/index.ts";
import { bestFirst } from "../core/run/branch.ts";
import type { History } from "../core/run/history.ts";
import { ranNoCell } from "../core/run/reduce-history.ts";
import { runBest, type RunBranch } from "./run-branch.ts";

/** What a run came to so far, all its sessions together. */
export interface RunTotals {
  /** Null when the run was stopped before the founder was scored. */
  readonly best: RunBranch | null;
  /** Branches that would be better, but whose scores were not there again. */
  readonly refuted: readonly RefutedBranch[];
  /** Proposals made, those of people included. */
  readonly proposals: number;
  /** Those made of notebooks that people injected: no limit counts them. */
  readonly injected: number;
  /** Episodes that ended. */
  readonly episodes: number;
  /** Episodes that ended without a branch. */
  readonly failures: number;
  /** Episodes that left a branch though the model ran no cell. */
  readonly withoutCells: number;
  /** Tokens and money; `costUsd` is null once a turn had no known price. */
  readonly usage: Usage;
  /** What had to be done to get the model's replies, by kind (`retried`, `repaired`, ...); empty: nothing. */
  readonly notices: Readonly<Record<string, number>>;
  /** Why there were no more proposals; null while the run goes on, or where it was interrupted: resume it. */
  readonly stopped: StopReason | null;
}

/** A branch that scored more than the best, and did not score so again in a fresh kernel. */
export interface RefutedBranch {
  readonly branch: BranchId;
  /** Higher is better. */
  readonly fitness: number;
  readonly reason: string;
}

/** `history` null: the founder was never scored. */
export function totalsOf(dir: string, history: History | null): RunTotals {
  const { proposals = 0, injected = 0, failures = 0, notices = {}, stopped = null } = history ?? {};
  return {
    best: history === null ? null : runBest(dir, history),
    refuted: history === null ? [] : refutedOf(history),
    proposals,
    injected,
    episodes: history?.ended.size ?? 0,
    failures,
    withoutCells: history?.ended.count(ranNoCell) ?? 0,
    usage: history?.usage ?? { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 },
    notices,
    stopped,
  };
}

function refutedOf({ branches, reproduced, best }: History): RunTotals["refuted"] {
  return reproduced
    .entrySeq()
    .flatMap(([id, { survives, reason }]) => {
      const branch = branches.get(id);
      if (survives || branch === undefined || bestFirst(branch, best) > 0) return [];
      return [{ branch: id, fitness: branch.score.fitness, reason }];
    })
    .toArray();
}
