// Owns: what a session amounts to, for scripts.
import { join } from "node:path";
import { bestFirst } from "../core/run/branch.ts";
import { ranNoCell } from "../core/run/reduce-history.ts";
import type { Run } from "../core/run/run.ts";
import type { BranchId, StopReason } from "../contracts/index.ts";

export interface RunResult {
  readonly runDir: string;
  /** Null when the run was stopped before the founder was scored. */
  readonly best: {
    readonly branch: BranchId;
    /** Higher is better, whatever the task's direction. */
    readonly fitness: number;
    /** In the task's own direction; `score` is among them. */
    readonly metrics: Readonly<Record<string, number>>;
    /** Absolute path of the notebook. */
    readonly notebook: string;
    /** Whether running its notebook again gave the same score; null when that was not tried. */
    readonly reproduced: boolean | null;
  } | null;
  /** Branches that would be better, but whose scores were not there again. */
  readonly refuted: readonly {
    readonly branch: BranchId;
    readonly fitness: number;
    readonly reason: string;
  }[];
  /** Made in the whole run, those of people included. */
  readonly proposals: number;
  /** Those made of notebooks that people injected: no limit counts them. */
  readonly injected: number;
  /** Ended in the whole run. */
  readonly episodes: number;
  readonly failures: number;
  /** Episodes that left a branch though the model ran no cell. */
  readonly withoutCells: number;
  /** `cacheWritten` of the input, `reasoning` of the output: absent where no provider said so. */
  readonly tokens: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly cacheWritten?: number | undefined;
    readonly reasoning?: number | undefined;
  };
  /** Null once a turn had no known price. */
  readonly costUsd: number | null;
  /** What had to be done to get the model's replies, by kind (`retried`, `repaired`, ...); empty: nothing. */
  readonly notices: Readonly<Record<string, number>>;
  /** Wall clock of this session. */
  readonly seconds: number;
  /** Why there were no more proposals; null when it was interrupted: resume it. */
  readonly stopped: StopReason | null;
}

function refutedOf({ branches, reproduced, best }: Run): RunResult["refuted"] {
  return reproduced
    .entrySeq()
    .flatMap(([id, { survives, reason }]) => {
      const branch = branches.get(id);
      if (survives || branch === undefined || bestFirst(branch, best) > 0) return [];
      return [{ branch: id, fitness: branch.score.fitness, reason }];
    })
    .toArray();
}

export function resultOf(runDir: string, run: Run | null, seconds: number): RunResult {
  const best = run?.best;
  return {
    runDir,
    best:
      best === undefined
        ? null
        : {
            branch: best.id,
            fitness: best.score.fitness,
            metrics: best.score.metrics,
            notebook: join(runDir, "branches", `${best.id}.ipynb`),
            // The founder was run top to bottom to begin with.
            reproduced: best.number === 0 || (run?.reproduced.get(best.id)?.survives ?? null),
          },
    refuted: run === null ? [] : refutedOf(run),
    proposals: run?.proposals ?? 0,
    injected: run?.injected ?? 0,
    episodes: run?.ended.size ?? 0,
    failures: run?.failures ?? 0,
    withoutCells: run?.ended.count(ranNoCell) ?? 0,
    tokens: {
      input: run?.usage.inputTokens ?? 0,
      cached: run?.usage.cachedTokens ?? 0,
      output: run?.usage.outputTokens ?? 0,
      cacheWritten: run?.usage.cacheWriteTokens,
      reasoning: run?.usage.reasoningTokens,
    },
    costUsd: run === null ? 0 : run.usage.costUsd,
    notices: run?.notices ?? {},
    seconds,
    stopped: run?.stopped ?? null,
  };
}
