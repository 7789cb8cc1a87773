// Owns: what a lean round shows each time that it begins anew: the cells that the submission needs, the score, what was tried,
// and what to do. A function of the round's state alone: the journal keeps every turn.
import { checkDrops } from "../../core/notebook/clean-up.ts";
import { isCode, markOf } from "../../core/notebook/notebook.ts";
import type { RoundState } from "../../environment/index.ts";
import { scoreText } from "../../environment/score-text.ts";
import type { CellId, Notebook } from "../../contracts/index.ts";

/** Attempts that are told of. */
const MOST_TOLD = 3;
/** For a request after attempts that a likely reply would only repeat. */
const BOLD_TEMPERATURE = 1;
const BOLD_FROM = 2;
/** Cells among which it is looked for what the submission does not need: the newest ones. */
const MOST_LOOKED_AT = 30;

/** Whether the next prompt shows the notebook as it is instead of the turns that led to it: after a gain, and where the round began anew. */
export function asksAnew({ stretch }: RoundState): boolean {
  return stretch === 0;
}

/** How bold the next reply may be; undefined: as the model is set up. */
export function chooseTemperature({ futile, repeats }: RoundState): number | undefined {
  return futile >= BOLD_FROM || repeats > 0 ? BOLD_TEMPERATURE : undefined;
}

/** What of a round says where it stands. */
export type Standing = Pick<RoundState, "best" | "score" | "tried" | "futile">;

/** Where the round stands, and the one thing to do, which comes last: a small model does what it reads last. */
export function writeStanding({ best, score, tried, futile }: Standing, submission: string): string {
  const known = best?.score ?? score;
  // In one line, and not at the end: a small model goes on with a list that it reads last.
  const told = tried.slice(-MOST_TOLD).join("; ");
  const lines = [
    told === "" ? "" : `Already tried, and taken back: ${told}.`,
    known === null ? "" : `Present ${scoreText(known)}`,
    `The next cell is code that computes a better \`${submission}\`${futile > 0 ? ", in another way than what was tried" : ""}.`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}

/** Code cells of the model's that the submission does not need: a view is shorter and clearer without them. */
export function findUnneeded(notebook: Notebook, submission: string): ReadonlySet<CellId> {
  const own = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).role === "code");
  const looked = own.slice(-MOST_LOOKED_AT).map(({ id }) => id);
  return new Set(checkDrops(notebook, looked, submission).drop);
}
