// Owns: what a run may use up: whether one more proposal, or one more turn, may begin. Never discards what was paid for.
import { RunError } from "../core/errors.ts";
import { ownProposals } from "../core/run/counts.ts";
import type { History } from "../core/run/history.ts";
import { tokensOf } from "../core/run/usage.ts";
import type { Proposal, StopReason, Usage } from "../contracts/index.ts";

/**
 * Limits of the whole run, earlier sessions included; any combination; absent or null for none. Proposals, rounds,
 * the target and stagnation are a function of the journal. Tokens, dollars, cells and seconds depend on how fast
 * episodes run beside each other: with them, a seed gives the same run only for one episode at a time, and with
 * seconds not even then.
 */
export interface Budget {
  /** Proposals that the strategy makes; what people inject is not counted. */
  readonly proposals: number;
  /** Stop proposing once the best fitness reaches this (higher is better). */
  readonly targetFitness: number | null;
  /** Rounds of all episodes together; a whole number above 0. An episode reserves its rounds when it is proposed. */
  readonly rounds?: number | null;
  /** Tokens of the model, input and output together; a whole number above 0. */
  readonly tokens?: number | null;
  /** What the model costs, in US dollars; above 0. It needs a model whose price is known. `--budget usd=1` on the command line. */
  readonly costUsd?: number | null;
  /** Seconds, above 0: wall clock of this session once its kernels are open, for proposals to begin in; open rounds may take a tenth longer, a minute at most. */
  readonly seconds?: number | null;
  /** Executions of cells by the model's calls; a whole number above 0. */
  readonly cells?: number | null;
  /** Proposals told since the best was found; a whole number above 0. */
  readonly stagnation?: number | null;
}

/** Whether one more proposal may be made. `elapsed`: seconds of this session; `planned`: rounds of an episode. */
export function withinBudget(run: History, budget: Budget, elapsed = 0, planned = 1): boolean {
  if (hasReachedTarget(run, budget) || ownProposals(run) >= budget.proposals) return false;
  if (budget.stagnation != null && run.told - run.bestAt >= budget.stagnation) return false;
  return roundsLeft(run, budget, planned) > 0 && !isSpent(run, budget, elapsed);
}

export function whyStopped(run: History, budget: Budget, elapsed = 0, planned = 1): StopReason {
  if (hasReachedTarget(run, budget)) return "target";
  return withinBudget(run, budget, elapsed, planned) ? "exhausted" : "budget";
}

/**
 * Rounds that may still be proposed: those of told proposals are counted as played, those of open ones as planned,
 * so that the answer does not depend on how far they are.
 */
export function roundsLeft(run: History, { rounds }: Budget, planned: number): number {
  if (rounds == null) return Infinity;
  const reserved = run.open.reduce((sum, { proposal }) => sum + (proposal.rounds ?? planned), 0);
  return rounds - run.rounds - reserved;
}

function hasReachedTarget(run: History, { targetFitness }: Budget): boolean {
  return targetFitness !== null && run.best.score.fitness >= targetFitness;
}

/**
 * Whether what is paid by the turn, or by the time, is used up.
 * @throws RunError `bad-option` where dollars are limited and a turn had no known price.
 */
export function isSpent(run: History, { tokens, costUsd, seconds, cells }: Budget, elapsed: number): boolean {
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

/** The proposal with no more rounds than are left. */
export function withinRounds(proposal: Proposal, run: History, budget: Budget, planned: number): Proposal {
  const left = roundsLeft(run, budget, planned);
  return left < (proposal.rounds ?? planned) ? { ...proposal, rounds: left } : proposal;
}

/** Held by the open episodes together: none begins a turn that the budget does not cover. */
export interface TurnBudget {
  /** Whether there is anything left. */
  isOpen(): boolean;
  /** Waits while open turns may use up the rest; true reserves one turn, to be settled. `begun`: its round has begun. */
  reserve(begun: boolean): Promise<boolean>;
  /** The reserved turn is over; `usage` null when it gave no reply. What it used is on record by now. */
  settle(usage: Usage | null): void;
}

/** Below this share of the budget turns are taken one at a time. */
const TAIL = 0.1;

/**
 * A budget over what `run` says is spent. A turn's price is not known before it ends, so a turn begins beside open ones
 * only while what is left is a tenth of the budget or more, and covers each of them as twice the dearest so far.
 * When the last turn begins, the others that are open cost no more than what is left - if each costs at most twice the
 * dearest before it, or at most a tenth of the budget, shared among them. Then the budget is passed by no more than one
 * turn; with one episode at a time, always.
 */
export function turnBudget(run: () => History, budget: Budget, elapsed: () => number): TurnBudget {
  let open = 0;
  let dearest: { readonly tokens: number; readonly costUsd: number } | null = null;
  let waiting: readonly (() => void)[] = [];

  /** Whether one more beside the open ones stays within the budget, as far as can be told. */
  function fits(): boolean {
    if (open === 0) return true;
    const { tokens = null, costUsd = null } = budget;
    if (tokens === null && costUsd === null) return true;
    if (dearest === null) return false;
    const ahead = 2 * (open + 1);
    const { usage } = run();
    const covers = (limit: number | null, used: number, most: number): boolean =>
      limit === null || limit - used >= Math.max(ahead * most, TAIL * limit);
    return (
      covers(tokens, tokensOf(usage), dearest.tokens) && covers(costUsd, usage.costUsd ?? 0, dearest.costUsd)
    );
  }

  return {
    isOpen: () => !isSpent(run(), budget, elapsed()),
    async reserve(begun) {
      const covers = begun ? withGrace(budget) : budget;
      while (!isSpent(run(), covers, elapsed())) {
        if (fits()) {
          open += 1;
          return true;
        }
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
        });
      }
      return false;
    },
    settle(usage) {
      open -= 1;
      if (usage !== null) {
        dearest = {
          tokens: Math.max(dearest?.tokens ?? 0, tokensOf(usage)),
          costUsd: Math.max(dearest?.costUsd ?? 0, usage.costUsd ?? 0),
        };
      }
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
  };
}

/** No limit at all. */
export const unlimitedTurns: TurnBudget = {
  isOpen: () => true,
  reserve: async () => true,
  settle: () => undefined,
};
