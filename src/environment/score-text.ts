// Owns: a verdict in words: one line for the model and for people, and what a model is asked for behind it.
import { findCell } from "../core/notebook/notebook.ts";
import { ownScore } from "../core/run/goal.ts";
import { namesIn } from "../core/python/python-names.ts";
import type { Notebook, Score, ToolOutcome, ValidScore } from "../contracts/index.ts";

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
  const own = ownScore(best);
  if (!score.valid || score.fitness < best.fitness)
    return `${line}\nWorse than ${own}, the best before: that one counts.`;
  return score.fitness > best.fitness ? `${line}\nBetter than ${own}, the best before.` : line;
}

/** Whether the cells of a turn all ended well and none of them sets the submission. */
export function setsNothing(
  results: readonly ToolOutcome[],
  notebook: Notebook,
  submission: string,
): boolean {
  const ran = results.flatMap(({ edits }) => edits).filter((edit) => edit.type === "cell-ran");
  return (
    ran.length > 0 &&
    /^[A-Za-z_]\w*$/.test(submission) &&
    ran.every(
      ({ id, status }) => status === "ok" && !setsName(findCell(notebook, id)?.source ?? "", submission),
    )
  );
}

/** What to do next, behind a verdict. `isUnset`: the turn left the score as it was, because it set nothing. */
export function askFurther(submission: string, isUnset: boolean): string {
  return isUnset
    ? `The cell did not set \`${submission}\`: end with \`${submission} = ...\`, set to what was found.`
    : `Find a better \`${submission}\`.`;
}

function setsName(source: string, name: string): boolean {
  const { defines, mutates, opaque } = namesIn(source);
  return opaque || defines.includes(name) || mutates.includes(name);
}
