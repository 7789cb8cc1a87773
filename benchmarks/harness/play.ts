// Owns: what playing one small task once amounts to, whatever plays it. Types and the sums that every arm shares.
import type { Score, Task, Usage } from "../../src/contracts/index.ts";

export interface PlayOptions {
  readonly task: Task;
  /** What the task's first notebook scores, in the task's own direction. */
  readonly first: number;
  readonly seed: number;
  /** Input and output tokens, cached ones included, after which no further reply is asked for. */
  readonly tokens: number;
  /** An empty folder of this play's own. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface Played {
  /** The best valid score in the task's own direction; null when there was none. */
  readonly score: number | null;
  /** Better than the task's first notebook. */
  readonly improved: boolean;
  readonly replies: number;
  /** Programs or cells that were run. */
  readonly cells: number;
  /** Replies of which nothing was run, plans and closing calls not counted. */
  readonly wasted: number;
  readonly usage: Usage;
  readonly seconds: number;
}

/** The score in the task's own direction. */
export function ownScore(score: Score): number | null {
  return score.valid ? (score.metrics["score"] ?? null) : null;
}

/** Whether the first is better in the task's own direction. */
export function isBetter({ direction }: Task, one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one !== null;
  return direction === "maximize" ? one > other : one < other;
}
