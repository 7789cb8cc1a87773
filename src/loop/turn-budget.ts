// Owns: whether one more turn may begin, among episodes that spend beside each other. Never discards what was paid for.
import type { Run } from "../core/run/run.ts";
import type { Usage } from "../contracts/index.ts";
import { isSpent, tokensOf, withGrace, type Budget } from "./budget.ts";

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
 * A purse over what `run` tells is spent. A turn's price is not known before it ends, so a turn begins beside open ones
 * only while what is left is a tenth of the budget or more, and covers each of them as twice the dearest so far.
 * When the last turn begins, the others that are open cost no more than what is left - if each costs at most twice the
 * dearest before it, or at most a tenth of the budget, shared among them. Then the budget is passed by no more than one
 * turn; with one episode at a time, always.
 */
export function turnBudget(run: () => Run, budget: Budget, elapsed: () => number): TurnBudget {
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
