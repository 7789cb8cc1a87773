// Owns: `nbevolve bench maths`: the maths benchmarks as real runs, one after the other, each resumed where its directory
// is there already. Never judges: scores are what the verifier said.
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { RunError } from "../../src/core/errors.ts";
import { reduceHistory, type History } from "../../src/history/index.ts";
import type { RunHandle } from "../../src/run/run-options.ts";
import { startRun } from "../../src/run/start-run.ts";
import type { LanguageModel } from "../../src/contracts/index.ts";
import { BENCHMARKS, type Benchmark } from "../index.ts";
import type { Bench } from "../bench.ts";
import { COURSE, courseIn, judgedIn, type MathsResult, type MathsRun, type CoursePoint } from "./course.ts";
import { coursePlot } from "./plot.ts";
import { mathsReport } from "./report.ts";

interface MathsFlags {
  readonly problems?: string;
  readonly minutes: number;
  readonly seeds: number;
  readonly dir: string;
  readonly plots?: string;
}

export const mathsBench: Bench<MathsFlags> = {
  name: "maths",
  description: "The benchmarks as real runs, with a table of their scores and a plot of each.",
  flags: [
    {
      flag: "--problems <names>",
      description: "Names of benchmarks, separated by commas. Default: all.",
      value: "text",
    },
    {
      flag: "--minutes <n>",
      description: "How many minutes each run takes, those of earlier sessions included.",
      value: "minutes",
      default: 20,
    },
    { flag: "--seeds <n>", description: "How many runs each benchmark gets.", value: "count", default: 1 },
    {
      flag: "--dir <dir>",
      description: "Keep the runs here, and go on with those that are here.",
      value: "text",
      default: join("runs", "bench-maths"),
    },
    { flag: "--plots <dir>", description: "Where the plots go. Default: plots/ in --dir.", value: "text" },
  ],
  defaultModel: "offline",
  canBeInterrupted: true,
  async run(flags, { signal, progress, model }) {
    const dir = resolve(flags.dir);
    const plots = resolve(flags.plots ?? join(dir, "plots"));
    const figures = await runProblems({
      ...{ dir, signal, progress, minutes: flags.minutes },
      problems: benchmarksNamed((flags.problems ?? "").split(",").filter((name) => name !== "")),
      model: await model(),
      seeds: Array.from({ length: flags.seeds }, (_, at) => at + 1),
    });
    await mkdir(plots, { recursive: true });
    for (const result of figures)
      await writeFile(join(plots, `${result.problem.name}.svg`), coursePlot(result));
    return { figures, report: mathsReport(figures, relative(resolve(plots, ".."), plots)) };
  },
};

interface MathsOptions {
  readonly problems: readonly Benchmark[];
  readonly model: LanguageModel;
  /** Wall-clock time of each run, earlier sessions included. Above 0. */
  readonly minutes: number;
  readonly seeds: readonly number[];
  /** Folder for the runs, one directory `<problem>-<seed>` each. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

const MOST_PROPOSALS = 1_000_000; // time is what ends a run

/** The benchmarks with these names; all of them when there are none. @throws RunError `bad-option`. */
export function benchmarksNamed(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = BENCHMARKS.map(({ name }) => name).join(", ");
    throw new RunError("bad-option", `--problems ${unknown.join(",")}: the benchmarks are ${known}`);
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
}

/** Runs whatever still has time: every problem with the first seed, then with the next. */
async function runProblems(options: MathsOptions): Promise<readonly MathsResult[]> {
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

/** Appends when each submission was judged, as it happens. */
async function keepCourse(handle: RunHandle, dir: string, secondsBefore: number): Promise<void> {
  const began = performance.now();
  let history: History | null = null;
  let evaluations = 0;
  for await (const event of handle.events()) {
    history = reduceHistory(history, event);
    const judged = judgedIn(event);
    if (judged !== null) evaluations += 1;
    if (history.events <= (handle.before?.events ?? 0) || (judged === null && event.type !== "run-stopped"))
      continue;
    const { usage } = history;
    const point: CoursePoint = {
      evaluations,
      seconds: secondsBefore + (performance.now() - began) / 1000,
      score: judged?.score ?? null,
      tokens: usage.inputTokens + usage.outputTokens,
      costUsd: usage.costUsd,
    };
    await appendFile(join(dir, COURSE), `${JSON.stringify(point)}\n`);
  }
}
