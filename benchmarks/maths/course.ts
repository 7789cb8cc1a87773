// Owns: how a run's score went, submission by submission, and its file, `course.jsonl`: a line for each, appended as it was judged.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Direction, RunEvent } from "../../src/contracts/index.ts";

export const COURSE = "course.jsonl";

/** A submission that was judged; `score` in the task's own direction, null where there was none. */
export interface Point {
  /** Submissions judged so far, this one included. */
  readonly evaluations: number;
  /** Wall clock of the run, of all sessions. */
  readonly seconds: number;
  readonly score: number | null;
  /** Input and output, of the run so far. */
  readonly tokens: number;
  /** Of the run so far; null once a turn had no known price. */
  readonly costUsd: number | null;
}

export interface Course {
  /** Each better than the one before. */
  readonly steps: readonly Point[];
  /** Null while nothing valid was judged. */
  readonly best: number | null;
  /** Of the whole run. */
  readonly evaluations: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly costUsd: number | null;
}

/** The submission that an event tells of; null for other events. */
export function judgedIn(event: RunEvent): Pick<Point, "score"> | null {
  if (event.type === "run-started") return { score: event.founder.score.metrics["score"] ?? null };
  if (event.type !== "round-ended") return null;
  return { score: event.score.valid ? (event.score.metrics["score"] ?? null) : null };
}

/** The course that a run's directory keeps; an empty one where there is none. A line that was cut off is left out. */
export async function courseIn(dir: string, direction: Direction): Promise<Course> {
  const text = await readFile(join(dir, COURSE), "utf8").catch(() => "");
  return courseOf(text.split("\n").flatMap(parsed), direction);
}

export function courseOf(points: readonly Point[], direction: Direction): Course {
  const sign = direction === "maximize" ? 1 : -1;
  const steps: Point[] = [];
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

function parsed(line: string): readonly Point[] {
  try {
    const point: Point = JSON.parse(line);
    return [point];
  } catch {
    return [];
  }
}
