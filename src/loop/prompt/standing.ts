// Owns: what a lean round shows each time that it begins anew: the cells that the submission needs, the score, what was tried,
// and what to do. A function of the round's state alone: the journal keeps every turn.
import { checkDrops } from "../../core/notebook/clean-up.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import { beginsAnew, type RoundState } from "../../environment/index.ts";
import { scoreText } from "../../environment/score-text.ts";
import type { CellId, Notebook } from "../../contracts/index.ts";

/** Attempts that are told of. */
const MOST_TOLD = 3;
/** For a request after attempts that a likely reply would only repeat. */
const BOLD_TEMPERATURE = 1;
/** Cells among which it is looked for what the submission does not need: the newest ones. */
const MOST_LOOKED_AT = 30;

/** Whether the next prompt shows the notebook as it is instead of the turns that led to it: after a gain, and from a state that was gone back to. */
export function asksAnew(state: RoundState): boolean {
  return state.futile === 0 || beginsAnew(state, state.repeats);
}

/** How bold the next reply may be; undefined: as the model is set up. */
export function chooseTemperature(state: RoundState): number | undefined {
  return beginsAnew(state, state.repeats) ? BOLD_TEMPERATURE : undefined;
}

/** Where the round stands, and the one thing to do, which comes last: a small model does what it reads last. */
export function writeStanding({ best, score, tried, futile }: RoundState, submission: string): string {
  const known = best?.score ?? score;
  const told = tried.slice(-MOST_TOLD).map((line) => `- ${line}`);
  const lines = [
    known === null ? "" : `Present ${scoreText(known)}`,
    ...(told.length === 0 ? [] : ["Tried from here, and taken back because it gained nothing:", ...told]),
    `Write the next cell, in as few lines as it needs: code that finds a better \`${submission}\`${futile > 0 ? ", in another way" : ""}.`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

/** Code cells of the model's that the submission does not need: a view is shorter and clearer without them. */
export function findUnneeded(notebook: Notebook, submission: string): ReadonlySet<CellId> {
  const own = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).role === "code");
  const looked = own.slice(-MOST_LOOKED_AT).map(({ id }) => id);
  return new Set(checkDrops(notebook, looked, submission).drop);
}

/** The notebook as a view shows it. */
export function withoutCells(notebook: Notebook, hidden: ReadonlySet<CellId>): Notebook {
  return hidden.size === 0
    ? notebook
    : { ...notebook, cells: notebook.cells.filter(({ id }) => !hidden.has(id)) };
}
