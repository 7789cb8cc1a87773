// Owns: what the turns of a round came to, as far as its verdicts say: a gain, or an attempt without one; when the round
// begins anew, and how it goes back. Pure.
import { errorLine } from "../core/notebook/cell-digest.ts";
import {
  applyEdits,
  countCells,
  countExecutions,
  idsOf,
  isCode,
  markOf,
  withMetadata,
  type NotebookState,
} from "../core/notebook/notebook.ts";
import { clipLines } from "../core/output/clip.ts";
import type { Cell, Edit, Notebook, Score, ToolOutcome } from "../contracts/index.ts";
import { wantsLists } from "./judge.ts";
import { scoreText } from "./score-text.ts";

/** What is known of the turns since the last gain. */
export interface Attempts {
  /** Turns in a row without a better verdict. */
  readonly futile: number;
  /** Those of them since the round last began anew. */
  readonly stretch: number;
  /** Those of the stretch that failed, ran nothing or made it worse. */
  readonly failed: number;
  /** The turns of the round without a gain, a line each, oldest first. */
  readonly tried: readonly string[];
}

export const NO_ATTEMPTS: Attempts = { futile: 0, stretch: 0, failed: 0, tried: [] };

/**
 * Turns of a stretch after which a round begins anew. No mending of a failure by a small model came to anything (0 of 39
 * tries of Qwen2.5-Coder 1.5B in one experiment, 0 of 4 in another): with its failure before it, it writes the same again.
 */
const MOST_FAILED = 1;
const MOST_FUTILE = 3;

/** After a turn. `gained`: its verdict is the best of the round. */
export function noteAttempt(
  known: Attempts,
  results: readonly ToolOutcome[],
  best: Score | null,
  gained: boolean,
): Attempts {
  if (gained) return { ...NO_ATTEMPTS, tried: known.tried };
  const isFailed = !isHarmless(results, best);
  return {
    futile: known.futile + 1,
    stretch: known.stretch + 1,
    failed: known.failed + (isFailed ? 1 : 0),
    tried: [...known.tried, describeAttempt(results)],
  };
}

/** Whether the next turn goes on from the last good state instead of from where the last one ended. */
export function beginsAnew({ stretch, failed }: Attempts, repeats: number): boolean {
  return failed >= MOST_FAILED || stretch >= MOST_FUTILE || (stretch > 0 && repeats > 0);
}

/** An earlier state of the round with what was written in words since. */
export function returnTo(
  { notebook, round }: { readonly notebook: Notebook; readonly round: number },
  earlier: NotebookState,
): NotebookState {
  const known = idsOf(earlier.notebook.cells);
  const isNew = ({ id }: Cell): boolean => !known.has(id);
  const words = notebook.cells.filter((cell) => !isCode(cell) && isNew(cell) && markOf(cell).round === round);
  const counted = withMetadata(earlier.notebook, {
    cells: countCells(notebook),
    executions: countExecutions(notebook),
  });
  const kept = applyEdits(
    counted,
    words.map((cell): Edit => ({ type: "cell-added", cell })),
  );
  return { notebook: kept, kernel: earlier.kernel };
}

/** A cell that ran and left the submission as good as the best was, or as good as mended: one that may be gone on from. */
function isHarmless(results: readonly ToolOutcome[], best: Score | null): boolean {
  const score = results.findLast((result) => result.score !== undefined)?.score;
  if (!results.some(({ isError }) => !isError)) return false;
  // The one failure whose mending is one call, which the verdict names.
  if (score !== undefined && wantsLists(score)) return true;
  return score === undefined || (score.valid && (best?.valid !== true || score.fitness >= best.fitness));
}

/** One line: the cell, and its error with what to do about it, or its score; where the prompt begins anew, it is all that is shown. */
function describeAttempt(results: readonly ToolOutcome[]): string {
  const ran = results.flatMap(({ edits }) => edits).findLast((edit) => edit.type === "cell-ran");
  const score = results.findLast((result) => result.score !== undefined)?.score;
  const remark = results.findLast((result) => result.remark !== undefined)?.remark ?? "";
  if (ran === undefined) return clipLines(`no cell: ${wordsOf(results) || "words alone"}`, 1, 200);
  const error = ran.outputs.findLast((output) => output.output_type === "error");
  const end =
    error !== undefined
      ? `${errorLine(error.ename, error.evalue)}${remark === "" ? "" : ` (${remark})`}`
      : ran.status !== "ok" || score === undefined
        ? ran.status
        : remark || scoreText(score);
  return clipLines(`${ran.id}: ${end}`, 1, 300);
}

function wordsOf(results: readonly ToolOutcome[]): string {
  return results
    .flatMap(({ content }) => content.flatMap((part) => (part.type === "text" ? part.text : [])))
    .join(" ");
}
