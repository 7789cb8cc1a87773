// Owns: the maths benchmarks as real runs, one after the other, each in a directory of its own that is gone on with when it is
// there already. Never judges: scores are what the verifier said.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { reduceHistory, type History } from "../../src/history/index.ts";
import type { RunHandle } from "../../src/run/run-options.ts";
import { startRun } from "../../src/run/start-run.ts";
import type { LanguageModel } from "../../src/contracts/index.ts";
import { BENCHMARKS, type Benchmark } from "../index.ts";
import { COURSE, courseIn, judgedIn, type Course, type Point } from "./course.ts";

export { mathsReport } from "./report.ts";
export { coursePlot } from "./plot.ts";

export interface MathsOptions {
  readonly problems: readonly Benchmark[];
  readonly model: LanguageModel;
  /** Wall clock of each run, earlier sessions included; above 0. */
  readonly minutes: number;
  readonly seeds: readonly number[];
  /** Where the runs are kept: `<problem>-<seed>`. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A problem and what came of each seed, in the order given. */
export interface MathsResult {
  readonly problem: Benchmark;
  readonly runs: readonly MathsRun[];
}

export interface MathsRun extends Course {
  readonly seed: number;
}

const MOST_PROPOSALS = 1_000_000; // time is what ends a run

/** The benchmarks of these names, all when there are none. Null where one is unknown. */
export function benchmarksNamed(names: readonly string[]): readonly Benchmark[] | null {
  const found = names.map((name) => BENCHMARKS.find((benchmark) => benchmark.name === name));
  const known = found.filter((benchmark) => benchmark !== undefined);
  if (known.length < names.length) return null;
  return names.length === 0 ? BENCHMARKS : known;
}

/** Runs what is not done yet: every problem with the first seed, then with the next. */
export async function mathsBench(options: MathsOptions): Promise<readonly MathsResult[]> {
  const runs = new Map<string, MathsRun[]>(options.problems.map(({ name }) => [name, []]));
  for (const seed of options.seeds) {
    for (const problem of options.problems) {
      const run = await oneRun(options, problem, seed);
      options.progress(`${problem.name}, seed ${seed}: ${run.best ?? "nothing yet"}`);
      runs.get(problem.name)?.push(run);
    }
  }
  return options.problems.map((problem) => ({ problem, runs: runs.get(problem.name) ?? [] }));
}

async function oneRun(options: MathsOptions, problem: Benchmark, seed: number): Promise<MathsRun> {
  const { model, signal, progress } = options;
  const dir = join(options.dir, `${problem.name}-${seed}`);
  const before = await courseIn(dir, problem.direction);
  const limit = options.minutes * 60;
  const seconds = limit - Math.min(60, limit / 11) - before.seconds; // what is open then has until the limit
  if (seconds <= 0) return { ...before, seed };
  const limits = { proposals: MOST_PROPOSALS, budget: { seconds } };
  const handle = startRun({ task: problem.name, model, dir, seed, ...limits, signal, progress });
  const kept = keepCourse(handle, dir, before.seconds);
  await handle.done;
  await kept;
  return { ...(await courseIn(dir, problem.direction)), seed };
}

/** Writes down when each submission was judged, as it happens: the journal does not know the time. */
async function keepCourse(handle: RunHandle, dir: string, secondsBefore: number): Promise<void> {
  const began = performance.now();
  let history: History | null = null;
  let evaluations = 0;
  for await (const event of handle.events()) {
    history = reduceHistory(history, event);
    const judged = judgedIn(event);
    if (judged !== null) evaluations += 1;
    if (history.events <= handle.past || (judged === null && event.type !== "run-stopped")) continue;
    const { usage } = history;
    const point: Point = {
      evaluations,
      seconds: secondsBefore + (performance.now() - began) / 1000,
      score: judged?.score ?? null,
      tokens: usage.inputTokens + usage.outputTokens,
      costUsd: usage.costUsd,
    };
    await appendFile(join(dir, COURSE), `${JSON.stringify(point)}\n`);
  }
}
