// Owns: `nbevolve bench strategies`: strategies against each other on a benchmark, with the same model and several seeds.
// Every run has its own directory. One that exists is resumed, so that an interrupted measurement goes on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RunError } from "../../src/core/errors.ts";
import { readHistory, scoreCourse } from "../../src/history/index.ts";
import { offline } from "../../src/models/offline/offline.ts";
import { startRun } from "../../src/run/start-run.ts";
import type { LanguageModel, Strategy, Task } from "../../src/contracts/index.ts";
import { bestOfN, islands, mapElites, tournament } from "../../strategies/index.ts";
import type { Bench } from "../bench.ts";
import { median } from "../measure.ts";

interface StrategiesOptions {
  readonly task: string;
  readonly model: LanguageModel;
  readonly proposals: number;
  readonly seeds: readonly number[];
  readonly parallel: number;
  /** Folder for the runs, one directory each. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** The best fitness of one run after each proposal, in the order proposed. Higher is better. */
type Course = readonly number[];

interface StrategyScores {
  readonly strategy: string;
  /** By seed, in the order given. */
  readonly courses: readonly Course[];
  /** Median over seeds of the best fitness after all proposals. */
  readonly median: number;
  /** The same after a quarter and after half of the proposals. */
  readonly medianQuarter: number;
  readonly medianHalf: number;
  /** Median over seeds of the mean of the best so far: it counts when a run may be stopped at any time. */
  readonly medianMean: number;
}

/** Two results closer than this are the same optimum, found in another order of rounding. */
const SAME = 1e-6;

const CONTENDERS: Readonly<Record<string, (task: Task) => Strategy>> = {
  "best-of-n": () => bestOfN(),
  "map-elites": ({ descriptors }) => mapElites(descriptors.length === 0 ? {} : { axes: descriptors }),
  islands: () => islands({ of: tournament(), count: 3, interval: 6 }),
};

interface StrategiesFlags {
  readonly task: string;
  readonly proposals: number;
  readonly seeds: number;
  readonly explorations?: number;
  readonly tries?: number;
  readonly dir?: string;
}

export const strategiesBench: Bench<StrategiesFlags> = {
  name: "strategies",
  description: "The best score that each strategy reaches on a benchmark with the offline model.",
  flags: [
    {
      flag: "--task <task>",
      description: "Name of a benchmark.",
      value: "text",
      default: "circles-square-26",
    },
    {
      flag: "--proposals <n>",
      description: "How many proposals each run makes.",
      value: "count",
      default: 24,
    },
    { flag: "--seeds <n>", description: "How many runs each strategy gets.", value: "count", default: 5 },
    {
      flag: "--explorations <n>",
      description: "How many explorations the offline model makes in a round. Default 2.",
      value: "count",
    },
    {
      flag: "--tries <n>",
      description: "How many local searches an exploration has. Default: as many as fit into a few seconds.",
      value: "count",
    },
    {
      flag: "--dir <dir>",
      description: "Keep the runs here, and go on with those that are here. Default: they are removed.",
      value: "text",
    },
  ],
  canBeInterrupted: true,
  async run({ task, proposals, seeds, explorations, tries, dir: kept }, { signal, progress }) {
    const dir = kept === undefined ? await mkdtemp(join(tmpdir(), "nbevolve-strategies-")) : resolve(kept);
    try {
      const figures = await compareStrategies({
        ...{ task, proposals, dir, signal, progress },
        model: offline({ explorations, tries }),
        seeds: Array.from({ length: seeds }, (_, at) => at + 1),
        parallel: 2,
      });
      return { figures, report: strategiesReport(figures) };
    } finally {
      if (kept === undefined) await rm(dir, { recursive: true, force: true });
    }
  },
};

/** Runs every contender with every seed, one run after the other, in the order of the seed (`as-proposed`). */
async function compareStrategies(options: StrategiesOptions): Promise<readonly StrategyScores[]> {
  const courses = new Map<string, Course[]>();
  for (const seed of options.seeds) {
    for (const [name, strategy] of Object.entries(CONTENDERS)) {
      const course = await courseOf(options, name, strategy, seed);
      options.progress(`${name}, seed ${seed}: ${course.at(-1)}`);
      courses.set(name, [...(courses.get(name) ?? []), course]);
    }
  }
  return [...courses].map(([name, runs]) => summarise(name, runs));
}

async function courseOf(
  { task, model, proposals, parallel, dir, signal }: StrategiesOptions,
  name: string,
  strategy: (task: Task) => Strategy,
  seed: number,
): Promise<Course> {
  const runDir = join(dir, `${name}-${seed}`);
  const known = await courseIn(runDir, proposals);
  if (known !== null) return known;
  const options = { task, model, strategy, seed, proposals, parallel, order: "as-proposed" } as const;
  await startRun({ ...options, dir: runDir, signal }).done;
  return (await courseIn(runDir, proposals)) ?? [];
}

/** The best fitness after each proposal; null where there is no run, or it has not ended, or made fewer. */
export async function courseIn(dir: string, proposals: number): Promise<Course | null> {
  const history = await readHistory(dir).catch(nullWhenMissing);
  if (
    history === null ||
    history.stopped === null ||
    (history.ended.size < proposals && history.stopped !== "target")
  )
    return null;
  const [, ...points] = scoreCourse(history, "proposed");
  return extendCourse(
    points.map(({ best }) => best.score.fitness),
    proposals,
  );
}

function nullWhenMissing(problem: unknown): null {
  if (problem instanceof RunError && problem.code === "run-missing") return null;
  throw problem;
}

/** A run that reached its target early keeps its last value. */
function extendCourse(course: Course, proposals: number): Course {
  return Array.from({ length: proposals }, (_, at) => course[at] ?? course.at(-1) ?? -Infinity);
}

export function summarise(strategy: string, courses: readonly Course[]): StrategyScores {
  const after = (share: number): number =>
    median(courses.map((course) => course[Math.ceil(course.length * share) - 1] ?? -Infinity));
  const means = courses.map((course) => course.reduce((sum, best) => sum + best, 0) / course.length);
  return {
    strategy,
    courses,
    median: after(1),
    medianQuarter: after(1 / 4),
    medianHalf: after(1 / 2),
    medianMean: median(means),
  };
}

/** Proposals until a run was within `SAME` of `goal`; null when it never was. */
function proposalsTo(goal: number, course: Course): number | null {
  const at = course.findIndex((best) => best > goal - SAME);
  return at < 0 ? null : at + 1;
}

/** Tables in Markdown, the best median first. */
export function strategiesReport(scores: readonly StrategyScores[]): string {
  const rows = scores.toSorted((a, b) => b.median - a.median);
  const goal = Math.max(
    ...scores.flatMap(({ courses }) => courses.map((course) => course.at(-1) ?? -Infinity)),
  );
  const n = scores[0]?.courses[0]?.length ?? 0;
  const quarter = Math.ceil(n / 4);
  const half = Math.ceil(n / 2);
  return [
    `| strategy | median after ${n} | after ${quarter} | after ${half} | mean of the best so far | by seed, after ${n} |`,
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => {
      const each = row.courses.map((course) => scoreText(course.at(-1) ?? -Infinity)).join(", ");
      const medians = [row.median, row.medianQuarter, row.medianHalf, row.medianMean].map(scoreText);
      return `| ${row.strategy} | ${medians.join(" | ")} | ${each} |`;
    }),
    "",
    `| strategy | proposals until within ${SAME} of ${scoreText(goal)}, by seed |`,
    "| --- | --- |",
    ...rows.map(({ strategy, courses }) => {
      const each = courses.map((course) => proposalsTo(goal, course) ?? "never").join(", ");
      return `| ${strategy} | ${each} |`;
    }),
    "",
  ].join("\n");
}

function scoreText(value: number): string {
  return value.toFixed(6);
}
