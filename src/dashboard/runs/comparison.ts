// Owns: runs beside each other as a plot needs them: a line for each, and for those that differ in their seeds alone the spread. Pure.
import { bestKnownFacts, ownScore, targetOf } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { recordOf, stringOf } from "../../core/untrusted.ts";
import { bestAfterEach, compareRuns, spreadOf, type Comparison, type RunToCompare } from "../../history/compare-runs.ts";
import type { RunStanding, Task } from "../../contracts/index.ts";

/** Proposals that a plot tells apart; of longer runs only some places are reckoned. */
const MOST_PLACES = 2000;

export interface ComparedLines {
  readonly comparison: Comparison;
  /** Numbers of proposals, in order; empty where scores cannot be compared. */
  readonly at: readonly number[];
  /** By run, in the order given: the best at each place; null beyond its end. */
  readonly lines: readonly (readonly (number | null)[])[];
  readonly spreads: readonly SpreadLines[];
}

/** The spread over the seeds of one setting at each place. */
export interface SpreadLines {
  /** Places of its runs in the order given. */
  readonly runs: readonly number[];
  readonly low: readonly (number | null)[];
  readonly median: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface LoadedRun {
  readonly name: string;
  readonly standing: RunStanding;
  readonly history: History;
  readonly task: Task;
}

export function compareLoaded(loaded: readonly LoadedRun[]): ComparedLines {
  const comparison = compareRuns(loaded.map(toCompare));
  if (comparison.apart !== null) return { comparison, at: [], lines: [], spreads: [] };
  const courses = loaded.map(({ history }) => bestAfterEach(history));
  const most = Math.max(0, ...courses.map(({ length }) => length - 1));
  const step = Math.max(1, Math.ceil(most / MOST_PLACES));
  const at = Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
  if (at.at(-1) !== most) at.push(most);
  const lines = courses.map((course) => at.map((place) => course[place]?.score ?? null));
  const spreads = comparison.seeds.map(({ runs: names }) => {
    const runs = names.map((name) => loaded.findIndex((one) => one.name === name));
    const spread = at.map((_, place) => spreadOf(runs.flatMap((run) => lines[run]?.[place] ?? [])));
    // Where one run alone goes on there is no spread.
    const some = spread.map((one) => (one === null || one.runs < 2 ? null : one));
    return {
      runs,
      low: some.map((one) => one?.low ?? null),
      median: some.map((one) => one?.median ?? null),
      high: some.map((one) => one?.high ?? null),
    };
  });
  return { comparison, at, lines, spreads };
}

function toCompare({ name, standing, history, task }: LoadedRun): RunToCompare {
  const { settings, seed, injected, failures, usage, startedMs, latestMs, best } = history;
  const score = ownScore(best.score);
  return {
    name,
    history,
    task,
    record: {
      ...{ seed, injected, failures, usage, startedMs, latestMs },
      state: standing,
      model: stringOf(settings["model"]),
      strategy: stringOf(recordOf(settings["strategy"])["name"]),
      bestKnown: bestKnownFacts(task, score),
      target: readTarget(history, task),
      best: { branch: best.id, score },
    },
  };
}

/** A target that cannot be is none. */
function readTarget({ settings }: History, task: Task): number | null {
  try {
    return targetOf(task, settings["target"]);
  } catch {
    return null;
  }
}
