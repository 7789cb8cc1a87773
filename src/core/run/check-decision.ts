// Owns: whether a journalled decision is what the strategy decides. Reads nothing but the run before it.
import type { Move, Proposal, Strategy } from "../../contracts/index.ts";
import { randomAt } from "../random.ts";
import { askStrategy } from "./ask-strategy.ts";
import type { Run } from "./run.ts";
import { withNotes } from "./steering.ts";

/** What the strategy asks for, with the run as it was before its next proposal. @throws RunError `strategy-failed`. */
export function askMove<P>(strategy: Strategy<P>, run: Run<P>): Move | null {
  const number = run.proposals + 1;
  const open = run.open.valueSeq().map(({ proposal }) => proposal);
  const now = { number, open: open.toArray(), random: randomAt(run.seed, "ask", number) };
  return askStrategy(strategy, "ask", () => strategy.ask(run.population, now));
}

/**
 * How the proposal differs from what the strategy asks for now; null when it does not. A budget may cut its rounds,
 * and a person's own proposals are nobody's to ask for.
 */
export function compareDecision<P>(strategy: Strategy<P>, run: Run<P>, proposal: Proposal): string | null {
  if (proposal.operator === "inject") return null;
  const move = askMove(strategy, run);
  if (move === null) return `the strategy wants nothing, the journal has ${shown(proposal)}`;
  const cut = move.rounds === undefined || (proposal.rounds ?? Infinity) <= move.rounds;
  const rounds = cut && proposal.rounds !== undefined ? { rounds: proposal.rounds } : {};
  const { number, id, model } = proposal; // the list of models may be another now: theirs is not checked
  const again = withNotes({ ...move, ...rounds, number, id, ...(model !== undefined && { model }) }, run);
  const [now, then] = [shown(again), shown(proposal)];
  return now === then ? null : `the strategy asks for ${now}, the journal has ${then}`;
}

/** In one order of keys, and without those that are absent. */
function shown(proposal: Proposal): string {
  const entries = Object.entries(proposal).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
