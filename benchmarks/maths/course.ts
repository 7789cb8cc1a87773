// Owns: the course of a run's score, submission by submission, and its file `course.jsonl`, one line for each. The journal has
// no event for the start of a session, so only this file knows how long a run was at work in all.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile } from "../../src/core/errors.ts";
import type { Direction, RunEvent } from "../../src/contracts/index.ts";
import type { Goal } from "../../src/history/index.ts";
import type { Benchmark } from "../index.ts";

export const COURSE = "course.jsonl";

/** A judged submission. `score` is in the task's own direction; null where the submission was invalid. */
export interface CoursePoint {
  /** Submissions judged so far, this one included. */
  readonly evaluations: number;
  /** Wall-clock time of the run, over all sessions. */
  readonly seconds: number;
  readonly score: number | null;
  /** Input and output tokens of the run so far. */
  readonly tokens: number;
  /** Cost of the run so far; null once a turn had no known price. */
  readonly costUsd: number | null;
}

export interface MathsCourse {
  /** Each better than the one before. */
  readonly steps: readonly CoursePoint[];
  /** Null while nothing valid was judged. */
  readonly best: number | null;
  /** Submissions judged in the whole run. */
  readonly evaluations: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly costUsd: number | null;
}

/** A problem, and its run with each seed, in the order given. */
export interface MathsResult {
  readonly problem: Benchmark;
  /** The best known score, and what betters it. */
  readonly goal: Goal;
  readonly runs: readonly MathsRun[];
}

export interface MathsRun extends MathsCourse {
  readonly seed: number;
  /** The run directory. */
  readonly dir: string;
}

/** The score of the submission that an event reports; null for other events. */
export function judgedIn(event: RunEvent): Pick<CoursePoint, "score"> | null {
  if (event.type === "run-started") return { score: event.founder.score.metrics["score"] ?? null };
  if (event.type !== "round-ended") return null;
  return { score: event.score.valid ? (event.score.metrics["score"] ?? null) : null };
}

/** The course in a run's directory; an empty one where there is none. A line that was cut off is left out. */
export async function courseIn(dir: string, direction: Direction): Promise<MathsCourse> {
  const text = await readFile(join(dir, COURSE), "utf8").catch(emptyWhenMissing);
  return courseOf(text.split("\n").flatMap(parsePoint), direction);
}

function emptyWhenMissing(problem: unknown): "" {
  if (isMissingFile(problem)) return "";
  throw problem;
}

export function courseOf(points: readonly CoursePoint[], direction: Direction): MathsCourse {
  const sign = direction === "maximize" ? 1 : -1;
  const steps: CoursePoint[] = [];
  for (const point of points) {
    const best = steps.at(-1)?.score ?? null;
    if (point.score !== null && (best === null || sign * point.score > sign * best)) steps.push(point);
  }
  return {
    steps,
    best: steps.at(-1)?.score ?? null,
    evaluations: Math.max(0, ...points.map((point) => point.evaluations)),
    seconds: Math.max(0, ...points.map((point) => point.seconds)),
    tokens: points.at(-1)?.tokens ?? 0,
    costUsd: points.length === 0 ? 0 : (points.at(-1)?.costUsd ?? null),
  };
}

function parsePoint(line: string): readonly CoursePoint[] {
  try {
    const point: CoursePoint = JSON.parse(line);
    return [point];
  } catch {
    return [];
  }
}
