// Owns: what a run may use up, and when it is over.
import { RunError } from "../core/errors.ts";
import type { Run } from "../core/run/run.ts";
import type { Proposal, StopReason, Usage } from "../contracts/index.ts";

/**
 * Limits of the whole run, earlier sessions included; any combination; absent or null for none. Proposals, rounds,
 * the target and stagnation are a function of the journal. Tokens, dollars, cells and seconds depend on how fast
 * episodes run beside each other: with them, a seed gives the same run only for one episode at a time, and with
 * seconds not even then.
 */
export interface Budget {
  /** Of the strategy; what people inject is not counted. */
  readonly proposals: number;
  /** Stop proposing once the best fitness reaches this (higher is better). */
  readonly targetFitness: number | null;
  /** An episode reserves its rounds when it is proposed. */
  readonly rounds?: number | null;
  /** Input and output together. */
  readonly tokens?: number | null;
  readonly costUsd?: number | null;
  /** Wall clock of this session, for proposals to begin in; open rounds may take a tenth longer, a minute at most. */
  readonly seconds?: number | null;
  /** Executions of cells by the model's calls. */
  readonly cells?: number | null;
  /** Proposals told since the best was found. */
  readonly stagnation?: number | null;
}

/** Whether one more proposal may be made. `elapsed`: seconds of this session; `planned`: rounds of an episode. */
export function withinBudget(run: Run, budget: Budget, elapsed = 0, planned = 1): boolean {
  if (reached(run, budget) || run.proposals - run.injected >= budget.proposals) return false;
  if (budget.stagnation != null && run.told - run.bestAt >= budget.stagnation) return false;
  return roundsLeft(run, budget, planned) > 0 && !isSpent(run, budget, elapsed);
}

export function whyStopped(run: Run, budget: Budget, elapsed = 0, planned = 1): StopReason {
  if (reached(run, budget)) return "target";
  return withinBudget(run, budget, elapsed, planned) ? "exhausted" : "budget";
}

/**
 * Rounds that may still be proposed: those of told proposals are counted as played, those of open ones as planned,
 * so that the answer does not depend on how far they are.
 */
export function roundsLeft(run: Run, { rounds }: Budget, planned: number): number {
  if (rounds == null) return Infinity;
  const reserved = run.open.reduce((sum, { proposal }) => sum + (proposal.rounds ?? planned), 0);
  return rounds - run.rounds - reserved;
}

function reached(run: Run, { targetFitness }: Budget): boolean {
  return targetFitness !== null && run.best.score.fitness >= targetFitness;
}

/**
 * Whether what is paid by the turn, or by the time, is used up.
 * @throws RunError `bad-option` where dollars are limited and a turn had no known price.
 */
export function isSpent(run: Run, { tokens, costUsd, seconds, cells }: Budget, elapsed: number): boolean {
  if (costUsd != null && run.usage.costUsd === null) {
    const remedy = "Limit its tokens instead, and resume: nothing is lost.";
    throw new RunError("bad-option", `dollars are limited, and the model's price is not known. ${remedy}`);
  }
  return (
    (tokens != null && tokensOf(run.usage) >= tokens) ||
    (costUsd != null && (run.usage.costUsd ?? 0) >= costUsd) ||
    (cells != null && run.cells >= cells) ||
    (seconds != null && elapsed >= seconds)
  );
}

/** What a round that has begun may use: time for its last cells, so that what it found is not lost. */
export function withGrace(budget: Budget): Budget {
  const { seconds } = budget;
  return seconds == null ? budget : { ...budget, seconds: seconds + Math.min(60, seconds / 10) };
}

export function tokensOf({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

/** The proposal with no more rounds than are left. */
export function withinRounds(proposal: Proposal, run: Run, budget: Budget, planned: number): Proposal {
  const left = roundsLeft(run, budget, planned);
  return left < (proposal.rounds ?? planned) ? { ...proposal, rounds: left } : proposal;
}
