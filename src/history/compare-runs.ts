// Owns: runs beside each other: what each came to, the best of each after as many proposals, and the runs of one setting that
// differ in their seeds alone. Pure: it also runs in a browser.
import { bestKnownOf, fitnessOfTarget, ownScore } from "../core/run/goal.ts";
import type { History } from "../core/run/history.ts";
import type { Direction, JsonObject, Task, Usage } from "../contracts/index.ts";
import type { RunRecord } from "./read-run.ts";
import { scoreCourse } from "./score-course.ts";

/** What a comparison takes of a run's record. */
export interface RecordToCompare extends Pick<
  RunRecord,
  "state" | "model" | "strategy" | "seed" | "injected" | "failures" | "bestKnown" | "usage" | "target"
> {
  readonly startedMs: number | null;
  readonly latestMs: number | null;
  readonly best: Pick<RunRecord["best"], "branch" | "score">;
}

/** A run that is to be compared. */
export interface RunToCompare {
  /** What it is called beside the others, such as its directory. */
  readonly name: string;
  readonly record: RecordToCompare;
  readonly history: History;
  readonly task: Task;
}

/** Scores are in the task's own direction. Proposals are the strategy's, in the order made; injected notebooks count as none. */
export interface ComparedRun extends Pick<
  RunRecord,
  "state" | "model" | "strategy" | "seed" | "injected" | "failures" | "bestKnown"
> {
  readonly run: string;
  readonly task: string;
  readonly direction: Direction;
  /** Those whose episodes have ended. */
  readonly proposals: number;
  readonly best: number;
  /** After how many proposals the best was there; 0 for the first notebook. */
  readonly toBest: number;
  /** The best known score, or where the task says none, what the run stops at; null without either. */
  readonly goal: number | null;
  /** After how many proposals the goal was reached; null where it was not. */
  readonly toGoal: number | null;
  readonly usage: Usage;
  /** From its beginning to its latest event, rests between sessions included; null where that is not known. */
  readonly seconds: number | null;
  /** The best after each of the numbers of proposals of the comparison; null where the run has not come so far. */
  readonly course: readonly (number | null)[];
}

/** What some runs have of a number: how many of them, the median, and both ends. */
export interface SeedSpread {
  readonly runs: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Runs of one task and one setting with different seeds. */
export interface SeedGroup {
  readonly runs: readonly string[];
  readonly best: SeedSpread;
  /** As far as the goal was reached; null where it was by none. */
  readonly toGoal: SeedSpread | null;
  /** For each number of proposals of the comparison, of the runs that have come so far. */
  readonly course: readonly (SeedSpread | null)[];
}

export interface Comparison {
  /** Why their scores cannot be compared, in words; null where they can. */
  readonly apart: string | null;
  /** In the order given. */
  readonly runs: readonly ComparedRun[];
  /** Numbers of proposals; empty where scores cannot be compared. */
  readonly at: readonly number[];
  /** Empty where no two runs differ in their seeds alone. */
  readonly seeds: readonly SeedGroup[];
}

export function compareRuns(all: readonly RunToCompare[]): Comparison {
  const apart = whyApart(all.map(({ task }) => task));
  const courses = all.map(({ history }) => bestAfterEach(history));
  const most = Math.max(0, ...courses.map(({ length }) => length - 1));
  const at = apart === null ? roundNumbers(most) : [];
  const runs = all.map((one, index) => comparedRun(one, courses[index] ?? [], at));
  const groups = new Map<string, ComparedRun[]>();
  for (const [index, run] of runs.entries()) {
    const key = settingOf(all[index]?.history.settings ?? {});
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const seeds = [...groups.values()].filter(
    (group) => apart === null && group.length > 1 && new Set(group.map(({ seed }) => seed)).size > 1,
  );
  return { apart, runs, at, seeds: seeds.flatMap((group) => seedGroup(group, at)) };
}

/** Scores of verifiers that differ say nothing about each other. */
function whyApart(tasks: readonly Task[]): string | null {
  const names = [...new Set(tasks.map(({ name }) => name))];
  if (names.length > 1) return `they are of different tasks (${names.join(", ")})`;
  const differs = (what: (task: Task) => unknown): boolean =>
    new Set(tasks.map((task) => JSON.stringify(what(task)))).size > 1;
  if (differs(({ parameters }) => parameters)) return "their tasks have different parameters";
  return differs(({ direction, verifier }) => [direction, verifier.source])
    ? "their tasks have the same name and different verifiers"
    : null;
}

/** The best of a run after so many proposals. */
export interface BestSoFar {
  /** In the task's own direction. */
  readonly score: number;
  readonly fitness: number;
  readonly branch: string;
}

/** The best after the first notebook, and after each proposal of the strategy whose episode has ended. */
export function bestAfterEach(history: History): readonly BestSoFar[] {
  const injected = new Set(
    history.ended
      .filter(({ outcome }) => outcome.proposal.operator === "inject")
      .map(({ outcome }) => outcome.proposal.id),
  );
  const after: BestSoFar[] = [];
  for (const { proposal, best } of scoreCourse(history, "proposed")) {
    const now = { score: ownScore(best.score), fitness: best.score.fitness, branch: best.id };
    if (proposal !== null && injected.has(proposal)) after[after.length - 1] = now;
    else after.push(now);
  }
  return after;
}

/** 0, 1, 2, 5, 10, 20, 50, ... */
function roundNumbers(most: number): readonly number[] {
  const numbers = [0];
  for (let power = 1; power <= most; power *= 10) numbers.push(power, 2 * power, 5 * power);
  return numbers.filter((number) => number <= most);
}

function comparedRun(
  { name, record, task }: RunToCompare,
  after: readonly BestSoFar[],
  at: readonly number[],
): ComparedRun {
  const { state, model, strategy, seed, injected, failures, bestKnown, best, usage } = record;
  const goal = bestKnownOf(task)?.value ?? record.target;
  const enough = goal === null ? Infinity : fitnessOfTarget(goal, task.direction);
  const reached = after.findIndex(({ fitness }) => fitness >= enough);
  const [from, to] = [record.startedMs, record.latestMs];
  return {
    run: name,
    ...{ task: task.name, direction: task.direction, model, strategy, seed, state },
    ...{ proposals: after.length - 1, injected, failures, best: best.score, bestKnown, goal },
    toBest: after.findIndex(({ branch }) => branch === best.branch),
    toGoal: reached < 0 ? null : reached,
    usage,
    seconds: from === null || to === null ? null : (to - from) / 1000,
    course: at.map((number) => after[number]?.score ?? null),
  };
}

/** What shapes a search, besides its seed. */
const SHAPING = ["model", "strategy", "renderer", "rounds", "harness", "order", "parallel", "tools"] as const;

function settingOf(settings: JsonObject): string {
  return JSON.stringify(SHAPING.map((name) => settings[name] ?? null));
}

function seedGroup(group: readonly ComparedRun[], at: readonly number[]): readonly SeedGroup[] {
  const spread = (of: (run: ComparedRun) => number | null | undefined): SeedSpread | null =>
    spreadOf(group.flatMap((run) => of(run) ?? []));
  const best = spread((run) => run.best);
  if (best === null) return [];
  const course = at.map((_, index) => spread((run) => run.course[index]));
  return [{ runs: group.map(({ run }) => run), best, toGoal: spread(({ toGoal }) => toGoal), course }];
}

/** Null of no values. */
export function spreadOf(values: readonly number[]): SeedSpread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return null;
  const [left = low, right = low] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return { runs: sorted.length, low, median: (left + right) / 2, high };
}
