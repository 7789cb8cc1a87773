// Owns: strategies against each other on a benchmark: the same model, the same number of proposals, several seeds.
// Every run has a directory of its own; one that is there is resumed, so that an interrupted measurement goes on.
import { join } from "node:path";
import { startRun } from "../src/run/start-run.ts";
import { readHistory, scoreCourse } from "../src/history/index.ts";
import type { LanguageModel, Strategy, Task } from "../src/contracts/index.ts";
import { bestOfN, islands, mapElites, tournament } from "../strategies/index.ts";

export interface StrategiesOptions {
  readonly task: string;
  readonly model: LanguageModel;
  readonly proposals: number;
  readonly seeds: readonly number[];
  readonly parallel: number;
  /** Where the runs are kept, one directory each. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** One run: the best fitness after each proposal, in the order proposed; higher is better. */
export type Course = readonly number[];

export interface StrategyScores {
  readonly strategy: string;
  /** By seed, in the order given. */
  readonly courses: readonly Course[];
  /** Of the best after all proposals, over seeds. */
  readonly median: number;
  /** The same after a quarter and after half of the proposals. */
  readonly medianQuarter: number;
  readonly medianHalf: number;
  /** Of the mean of the best so far over all proposals: what counts when a run may be stopped at any time. */
  readonly medianMean: number;
}

/** Two results closer than this are the same optimum, found in another order of rounding. */
const SAME = 1e-6;

const CONTENDERS: Readonly<Record<string, (task: Task) => Strategy>> = {
  "best-of-n": () => bestOfN(),
  "map-elites": ({ descriptors }) => mapElites(descriptors.length === 0 ? {} : { axes: descriptors }),
  islands: () => islands({ of: tournament(), count: 3, interval: 6 }),
};

/** Runs every contender with every seed, one run after the other, in the order of the seed (`as-proposed`). */
export async function strategiesBench(options: StrategiesOptions): Promise<readonly StrategyScores[]> {
  const courses = new Map<string, Course[]>();
  for (const seed of options.seeds) {
    for (const [name, strategy] of Object.entries(CONTENDERS)) {
      const course = await courseOf(options, name, strategy, seed);
      options.progress(`${name}, seed ${seed}: ${course.at(-1)}`);
      courses.set(name, [...(courses.get(name) ?? []), course]);
    }
  }
  return [...courses].map(([name, runs]) => summary(name, runs));
}

async function courseOf(
  { task, model, proposals, parallel, dir, signal }: StrategiesOptions,
  name: string,
  strategy: (task: Task) => Strategy,
  seed: number,
): Promise<Course> {
  const runDir = join(dir, `${name}-${seed}`);
  const known = await courseIn(runDir, proposals).catch(() => null);
  if (known !== null) return known;
  const options = { task, model, strategy, seed, proposals, parallel, order: "as-proposed" } as const;
  await startRun({ ...options, dir: runDir, signal }).done;
  return (await courseIn(runDir, proposals)) ?? [];
}

/** The best fitness after each proposal; null where the run has not ended, or made fewer. */
async function courseIn(dir: string, proposals: number): Promise<Course | null> {
  const history = await readHistory(dir);
  if (history.stopped === null || (history.ended.size < proposals && history.stopped !== "target"))
    return null;
  const [, ...points] = scoreCourse(history, "proposed");
  return lasting(
    points.map(({ best }) => best.score.fitness),
    proposals,
  );
}

/** A run that reached its target early stays there. */
function lasting(course: Course, proposals: number): Course {
  return Array.from({ length: proposals }, (_, at) => course[at] ?? course.at(-1) ?? -Infinity);
}

export function summary(strategy: string, courses: readonly Course[]): StrategyScores {
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

/** The mean of the middle two of an even number. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
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
      const each = row.courses.map((course) => shown(course.at(-1) ?? -Infinity)).join(", ");
      const medians = [row.median, row.medianQuarter, row.medianHalf, row.medianMean].map(shown);
      return `| ${row.strategy} | ${medians.join(" | ")} | ${each} |`;
    }),
    "",
    `| strategy | proposals until within ${SAME} of ${shown(goal)}, by seed |`,
    "| --- | --- |",
    ...rows.map(({ strategy, courses }) => {
      const each = courses.map((course) => proposalsTo(goal, course) ?? "never").join(", ");
      return `| ${strategy} | ${each} |`;
    }),
    "",
  ].join("\n");
}

function shown(value: number): string {
  return value.toFixed(6);
}
