// Owns: a verdict in words: one line for the model and for people.
import type { Score, ValidScore } from "../contracts/index.ts";

/** One line. Numbers are exact: as many digits as they have. */
export function scoreText(score: Score): string {
  const message = score.message === "" ? "" : ` - ${score.message}`;
  if (!score.valid) return `score: invalid${message}`;
  const { score: own, ...others } = score.metrics;
  const metrics = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return `score: ${[own, ...metrics].join(" ")}${message}`;
}

/** The line, with what it means beside the best verdict of the round before it. */
export function compareScore(score: Score, best: ValidScore | null): string {
  const line = scoreText(score);
  if (best === null) return line;
  const own = best.metrics["score"] ?? best.fitness;
  if (!score.valid || score.fitness < best.fitness)
    return `${line}\nWorse than ${own}, the best before: that one counts.`;
  return score.fitness > best.fitness ? `${line}\nBetter than ${own}, the best before.` : line;
}
