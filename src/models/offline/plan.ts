// Owns: the offline model's plan of a round, in words that it can read again.
import { PLAN_TITLE } from "./conversation.ts";
import type { Situation } from "./action.ts";
import { talliesIn } from "./memory.ts";
import { MOVES, type Tallies } from "./portfolio.ts";
import { movesOf } from "./search-round.ts";

/** The plan's text. */
export function planText(situation: Situation): string {
  return [
    PLAN_TITLE,
    "From the present submission I explore these moves, a few seconds each; after every try a local search (soft constraints, then " +
      "sequential linear programming) finds the optimum nearby, and only what is better is kept:",
    "",
    ...movesOf({ ...situation, plan: "" }).map((move, at) => `${at + 1}. ${move}: ${MOVES[move]}`),
    "",
    history(talliesIn(situation.text)),
    "If no move helps, the notebook stays as it is. If the task declares no `problem`, I change the submission's numbers " +
      "at random instead, ask the verifier, and keep what scores better; declaring `problem` makes the search far better.",
  ].join("\n");
}

function history(tallies: Tallies): string {
  const told = Object.entries(tallies).map(
    ([move, { helped, explored }]) => `${move} helped in ${helped} of ${explored} explorations`,
  );
  if (told.length === 0) return "Nothing is known yet of what helps here; the choice is a draw.";
  return `Moves are drawn by what helped so far: ${told.join(", ")}.`;
}
