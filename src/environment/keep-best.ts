// Owns: what a round hands on: its best judged state where its end is worse, with the words that were written since.
// Pure: never runs a cell, asks a verifier or reads a clock.
import {
  applyEdits,
  idsOf,
  isCode,
  markdownCell,
  nextCellId,
  type NotebookState,
} from "../core/notebook/notebook.ts";
import type { Notebook, Score } from "../contracts/index.ts";
import { returnTo } from "./attempts.ts";
import type { JudgedState, RoundState } from "./round.ts";
import { scoreText } from "./score-text.ts";

/** The best state of the round, where what it ended with is worse; null where its end may stay. */
export function findBetterState({ best }: RoundState, end: Score): JudgedState | null {
  if (best === null || (end.valid && end.fitness >= best.score.fitness)) return null;
  return best;
}

/**
 * The better state with what was written in words since, and a line that says what was left out. Cells that were left out
 * keep their ids: no later cell gets one of them.
 */
export function returnToBest(state: RoundState, better: JudgedState, end: Score): NotebookState {
  const { notebook, round } = state;
  const kept = idsOf(better.notebook.cells);
  const left = notebook.cells.filter((cell) => isCode(cell) && !kept.has(cell.id));
  const back = returnTo(state, better);
  const line = describeReturn(
    better,
    left.map(({ id }) => id),
    end,
  );
  return { ...back, notebook: addLine(back.notebook, round, line) };
}

/** The notebook with a line of what was tried in its round and taken back; as it is where nothing was. */
export function noteAttempts({ notebook, round, tried, returns }: RoundState): Notebook {
  if (returns === 0) return notebook;
  const more = tried.length - MOST_TRIED;
  const lines = [...(more > 0 ? [`${more} more`] : []), ...tried.slice(-MOST_TRIED)];
  return addLine(notebook, round, `Tried in this round, and taken back: ${lines.join("; ")}.`);
}

const MOST_TRIED = 5;

function addLine(notebook: Notebook, round: number, line: string): Notebook {
  const cell = markdownCell(nextCellId(notebook), line, { role: "note", round });
  return applyEdits(notebook, [{ type: "cell-added", cell }]);
}

function describeReturn({ score }: JudgedState, left: readonly string[], end: Score): string {
  const ended = end.valid ? `with ${scoreText(end)}` : `invalid (${end.message})`;
  const cells = left.length === 0 ? "" : ` Left out again: ${left.join(", ")}.`;
  return `This round ended ${ended}. Its best state was kept: ${scoreText(score)}.${cells}`;
}
