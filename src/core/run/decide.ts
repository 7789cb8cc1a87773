// Owns: what a strategy decides next, with people's notes, and whether a journal's decision is the same. Pure.
import type { Move, Proposal, Strategy } from "../../contracts/index.ts";
import { randomAt } from "../random.ts";
import { askStrategy } from "./ask-strategy.ts";
import { lineage } from "./branch.ts";
import type { History } from "./history.ts";
import type { Run } from "./run.ts";

/** What the strategy asks for, with the run as it was before its next proposal. @throws RunError `strategy-failed`. */
export function askMove<P>(strategy: Strategy<P>, run: Run<P>): Move | null {
  const number = run.proposals + 1;
  const open = run.open.valueSeq().map(({ proposal }) => proposal);
  const now = { number, open: open.toArray(), random: randomAt(run.seed, "ask", number) };
  return askStrategy(strategy, "ask", () => strategy.ask(run.population, now));
}

/**
 * How the proposal differs from what the strategy asks for now; null when it does not. A budget may have cut its rounds;
 * proposals that people made are not compared.
 */
export function compareDecision<P>(strategy: Strategy<P>, run: Run<P>, proposal: Proposal): string | null {
  if (proposal.operator === "inject") return null;
  const move = askMove(strategy, run);
  if (move === null) return `the strategy asks for nothing, the journal has ${toSortedJson(proposal)}`;
  const cut = move.rounds === undefined || (proposal.rounds ?? Infinity) <= move.rounds;
  const rounds = cut && proposal.rounds !== undefined ? { rounds: proposal.rounds } : {};
  const { number, id, model } = proposal; // the list of models may be another one now, so the choice is not checked
  const again = { ...withNotes({ ...move, ...rounds, number, id }, run), model };
  const [now, then] = [again, proposal].map(toSortedJson);
  return now === then ? null : `the strategy asks for ${now}, the journal has ${then}`;
}

/** The proposal with the notes that are for it, in the order given. */
export function withNotes(proposal: Proposal, history: History): Proposal {
  if (history.notes.length === 0) return proposal;
  const line = new Set(lineage(history, proposal.parents[0] ?? "").map(({ id }) => id));
  const notes = history.notes
    .filter(({ branch }) => branch === null || line.has(branch))
    .map(({ command, note }) => ({ command, note }));
  return notes.length === 0 ? proposal : { ...proposal, notes };
}

/** JSON with sorted keys, without those that are undefined. */
function toSortedJson(proposal: object): string {
  const entries = Object.entries(proposal).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
