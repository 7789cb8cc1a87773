// Owns: strategies against each other on a benchmark: the same model, the same number of proposals, several seeds.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRun } from "../src/run/start-run.ts";
import type { LanguageModel, Strategy, Task } from "../src/spec/index.ts";
import { bestOfN, islands, mapElites, tournament } from "../strategies/index.ts";

export interface StrategiesOptions {
  readonly task: string;
  readonly model: LanguageModel;
  readonly proposals: number;
  readonly seeds: readonly number[];
  readonly parallel: number;
  readonly progress: (line: string) => void;
}

export interface StrategyScores {
  readonly strategy: string;
  /** Fitness of the best branch, by seed in the order given; higher is better. */
  readonly best: readonly number[];
  readonly median: number;
  /** Proposals until the best was found, the median over seeds. */
  readonly foundAt: number;
}

const CONTENDERS: Readonly<Record<string, (task: Task) => Strategy>> = {
  "best-of-n": () => bestOfN(),
  tournament: () => tournament(),
  "map-elites": ({ descriptors }) => mapElites(descriptors.length === 0 ? {} : { axes: descriptors }),
  islands: () => islands(tournament(), { count: 3, interval: 6 }),
};

/** Runs every contender with every seed, one run after the other, in the order of the seed (`as-proposed`). */
export async function strategiesBench(options: StrategiesOptions): Promise<readonly StrategyScores[]> {
  const scores: StrategyScores[] = [];
  for (const [name, strategy] of Object.entries(CONTENDERS)) {
    const runs: { readonly best: number; readonly at: number }[] = [];
    for (const seed of options.seeds) {
      const run = await bestOf(options, strategy, seed);
      options.progress(`${name}, seed ${seed}: ${run.best}, found at proposal ${run.at}`);
      runs.push(run);
    }
    scores.push(summary(name, runs));
  }
  return scores;
}

async function bestOf(
  { task, model, proposals, parallel }: StrategiesOptions,
  strategy: (task: Task) => Strategy,
  seed: number,
): Promise<{ readonly best: number; readonly at: number }> {
  const dir = await mkdtemp(join(tmpdir(), "nbevolve-strategies-"));
  try {
    const handle = startRun({ task, model, strategy, seed, proposals, parallel, order: "as-proposed", dir });
    const { best } = await handle.done;
    return { best: best?.fitness ?? -Infinity, at: Number(best?.branch.slice(1) ?? 0) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export function summary(
  strategy: string,
  runs: readonly { readonly best: number; readonly at: number }[],
): StrategyScores {
  const best = runs.map((run) => run.best);
  return { strategy, best, median: median(best), foundAt: median(runs.map(({ at }) => at)) };
}

/** The mean of the middle two of an even number. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** A table in Markdown, the best median first. */
export function strategiesReport(scores: readonly StrategyScores[]): string {
  const rows = scores.toSorted((a, b) => b.median - a.median);
  return [
    "| strategy | median | by seed | found at (median) |",
    "| --- | --- | --- | --- |",
    ...rows.map(({ strategy, median, best, foundAt }) => {
      const each = best.map((value) => value.toFixed(6)).join(", ");
      return `| ${strategy} | ${median.toFixed(6)} | ${each} | ${foundAt} |`;
    }),
    "",
  ].join("\n");
}
