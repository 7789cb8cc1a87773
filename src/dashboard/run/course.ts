// Owns: the course of a run as numbers for a plot: the best so far and each episode's own score, beside what was spent until then.
// Pure. A history that goes on from the one before it costs only what is new.
import { bestFirst } from "../../core/run/branch.ts";
import { ownScore } from "../../core/run/goal.ts";
import type { EndedEpisode, History } from "../../core/run/history.ts";
import type { Branch } from "../../contracts/index.ts";

/** What a plot may have along its bottom. */
export const AXES = ["proposals", "tokens", "money", "time"] as const;
export type CourseAxis = (typeof AXES)[number];

/** One place for the founder and one for each episode that ended, in that order, in every list. */
export interface RunCourse {
  /** Episodes; tokens; US dollars; seconds since the run began. Null: not known from some episode on, and so not drawn. */
  readonly along: Readonly<Record<CourseAxis, readonly number[] | null>>;
  /** The best so far, in the task's own direction. */
  readonly best: readonly number[];
  /** What the episode's own branch scored; null where it failed. */
  readonly score: readonly (number | null)[];
  /** The places at which the best became another. */
  readonly improved: readonly number[];
}

interface GrowingCourse extends RunCourse {
  readonly along: Record<CourseAxis, number[] | null>;
  readonly best: number[];
  readonly score: (number | null)[];
  readonly improved: number[];
  readonly last: EndedEpisode | undefined;
  readonly leader: Branch;
  readonly reproduced: History["reproduced"];
  readonly founder: Branch;
}

/** Makes courses of one run, each from the one before it where that can be. The lists of an earlier course grow with it. */
export function courseMaker(): (history: History) => RunCourse {
  let course: GrowingCourse | null = null;
  return (history) => {
    const done = course === null ? 0 : course.best.length - 1;
    const isLater =
      course !== null &&
      course.founder === history.founder &&
      course.reproduced === history.reproduced &&
      done <= history.ended.size &&
      (done === 0 || course.last === history.ended.get(done - 1));
    course = extendCourse(isLater && course !== null ? course : beginCourse(history), history);
    return course;
  };
}

function beginCourse({ founder, reproduced, startedMs }: History): GrowingCourse {
  return {
    along: { proposals: [0], tokens: [0], money: [0], time: startedMs === null ? null : [0] },
    best: [ownScore(founder.score)],
    score: [ownScore(founder.score)],
    improved: [],
    last: undefined,
    leader: founder,
    reproduced,
    founder,
  };
}

function extendCourse(course: GrowingCourse, history: History): GrowingCourse {
  const { along, best, score, improved } = course;
  let { leader } = course;
  const from = best.length - 1;
  if (from === history.ended.size) return course;
  const later = from === 0 ? history.ended : history.ended.slice(from);
  for (const episode of later) {
    const place = best.length;
    const { outcome } = episode;
    if (outcome.ok && isBetter(outcome.branch, leader, history)) {
      leader = outcome.branch;
      improved.push(place);
    }
    best.push(ownScore(leader.score));
    score.push(outcome.ok ? ownScore(outcome.branch.score) : null);
    addTo(along, "proposals", place);
    addTo(along, "tokens", sumWith(along.tokens, episode.tokens));
    addTo(along, "money", sumWith(along.money, episode.costUsd));
    addTo(along, "time", secondsAt(along.time, history.startedMs, episode.endedMs));
  }
  return { ...course, last: history.ended.last(), leader };
}

/** Branches that reproduction has refuted are never the best. */
function isBetter(branch: Branch, leader: Branch, { reproduced }: History): boolean {
  return reproduced.get(branch.id)?.survives !== false && bestFirst(branch, leader) < 0;
}

function addTo(along: GrowingCourse["along"], axis: CourseAxis, value: number | null): void {
  if (value === null) along[axis] = null;
  else along[axis]?.push(value);
}

function sumWith(before: readonly number[] | null, more: number | null): number | null {
  return before === null || more === null ? null : (before.at(-1) ?? 0) + more;
}

/** A clock that was set back must not bring the plot out of order. */
function secondsAt(before: readonly number[] | null, from: number | null, to: number | null): number | null {
  if (before === null || from === null || to === null) return null;
  return Math.max(before.at(-1) ?? 0, (to - from) / 1000);
}

/** The lowest and the highest score that a plot shows. */
export type ScoreRange = readonly [low: number, high: number];

/** As many scores as are looked at for the range. */
const SAMPLE = 4000;

/**
 * The range for the places from `from` to `to`: all of the best so far and of the goals, and of the other scores those that are
 * not far off: one hopeless branch must not make a line of the rest.
 */
export function scoreRange(
  { best, score }: Pick<RunCourse, "best" | "score">,
  goals: readonly number[],
  [from, to]: readonly [number, number] = [0, best.length - 1],
): ScoreRange {
  const step = Math.max(1, Math.ceil((to - from + 1) / SAMPLE));
  const seen: number[] = [];
  let [low, high] = [Infinity, -Infinity];
  const take = (value: number | undefined): void => {
    if (value === undefined || !Number.isFinite(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (let place = from; place <= to; place += step) {
    take(best[place]);
    const own = score[place];
    if (own !== undefined && own !== null && Number.isFinite(own)) seen.push(own);
  }
  take(best[to]);
  for (const goal of goals) take(goal);
  seen.sort((a, b) => a - b);
  take(seen[Math.floor(seen.length * 0.1)]);
  take(seen[Math.floor((seen.length - 1) * 0.9)]);
  if (low === Infinity) return [0, 1];
  const pad = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [low - pad, high + pad];
}

/** The first place at which the sorted values are at least so much; their number where there is none. */
export function placeAt(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
