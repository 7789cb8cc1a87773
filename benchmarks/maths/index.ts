// Owns: `nbevolve bench maths`: the maths benchmarks as real runs, one after the other, each resumed where its directory
// is there already. Never judges: scores are what the verifier said.
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { RunError } from "../../src/core/errors.ts";
import { tokensOf } from "../../src/core/run/usage.ts";
import { reduceHistory, showNumber, type Goal, type History } from "../../src/history/index.ts";
import type { RunHandle } from "../../src/run/run-options.ts";
import { startRun } from "../../src/run/start-run.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import type { LanguageModel, RunEvent } from "../../src/contracts/index.ts";
import { BENCHMARKS, type Benchmark } from "../index.ts";
import type { Bench, BenchContext } from "../bench.ts";
import { COURSE, courseIn, judgedIn, type MathsResult, type MathsRun, type CoursePoint } from "./course.ts";
import { coursePlot } from "./plot.ts";
import { mathsReport, resultText } from "./report.ts";

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
      description:
        "How many minutes each run takes, those of earlier sessions included. Episodes that are open then are finished.",
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
  async run(flags, { signal, progress, show, model }) {
    const dir = resolve(flags.dir);
    const plots = resolve(flags.plots ?? join(dir, "plots"));
    const figures = await runProblems({
      ...{ dir, signal, progress, show, minutes: flags.minutes },
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
  readonly progress: BenchContext["progress"];
  readonly show: BenchContext["show"];
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
  const results = await Promise.all(
    options.problems.map(async (problem) => ({
      problem,
      goal: await goalOf(problem),
      runs: [] as MathsRun[],
    })),
  );
  for (const seed of options.seeds) {
    for (const { problem, goal, runs } of results) {
      const run = await oneRun(options, problem, seed);
      const result =
        run.best === null ? "nothing yet" : `${showNumber(run.best)}, ${resultText(run.best, goal)}`;
      options.progress(`${problem.name}, seed ${seed}: ${result}; in ${run.dir}`);
      runs.push(run);
    }
  }
  return results;
}

async function goalOf({ name, bestKnown, direction }: Benchmark): Promise<Goal> {
  const { resolution = 0 } = await loadTask(name);
  return { value: bestKnown, direction, resolution };
}

async function oneRun(options: MathsOptions, problem: Benchmark, seed: number): Promise<MathsRun> {
  const { model, signal, progress, show } = options;
  const dir = join(options.dir, `${problem.name}-${seed}`);
  const facts = { seed, dir: relative(".", dir) };
  const before = await courseIn(dir, problem.direction);
  const limit = options.minutes * 60;
  const seconds = limit - Math.min(60, limit / 11) - before.seconds; // what is open then has until the limit
  if (seconds <= 0) return { ...before, ...facts };
  const limits = { proposals: MOST_PROPOSALS, budget: { seconds } };
  const handle = startRun({ task: problem.name, model, dir, seed, ...limits, signal, progress });
  const events = keepCourse(handle, dir, before.seconds);
  await Promise.all([handle.done, show(handle, { title: `${problem.name}, seed ${seed}`, events })]);
  return { ...(await courseIn(dir, problem.direction)), ...facts };
}

/** The run's events; when each submission was judged is appended as they pass. */
async function* keepCourse(handle: RunHandle, dir: string, secondsBefore: number): AsyncIterable<RunEvent> {
  const began = performance.now();
  let history: History | null = null;
  let evaluations = 0;
  for await (const event of handle.events()) {
    history = reduceHistory(history, event);
    const judged = judgedIn(event);
    if (judged !== null) evaluations += 1;
    const isNew = history.events > (handle.before?.events ?? 0);
    if (isNew && (judged !== null || event.type === "run-stopped")) {
      const { usage } = history;
      const point: CoursePoint = {
        evaluations,
        seconds: secondsBefore + (performance.now() - began) / 1000,
        score: judged?.score ?? null,
        tokens: tokensOf(usage),
        costUsd: usage.costUsd,
      };
      await appendFile(join(dir, COURSE), `${JSON.stringify(point)}\n`);
    }
    yield event;
  }
}
