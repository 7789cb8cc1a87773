// Owns: when a run is over, and whether a strategy's move can be carried out.
import { RunError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import type { Move, StopReason } from "../spec/index.ts";

export interface Budget {
  /** Of the whole run, earlier sittings included. */
  readonly proposals: number;
  /** Stop proposing once the best fitness reaches this (higher is better); null for none. */
  readonly targetFitness: number | null;
}

/** Whether one more proposal may be made. */
export function withinBudget(run: Run, budget: Budget): boolean {
  return run.proposals < budget.proposals && !reached(run, budget);
}

export function whyStopped(run: Run, budget: Budget): StopReason {
  if (reached(run, budget)) return "target";
  return run.proposals >= budget.proposals ? "budget" : "exhausted";
}

function reached(run: Run, { targetFitness }: Budget): boolean {
  return targetFitness !== null && run.best.score.fitness >= targetFitness;
}

/** The move, when it can be carried out. @throws RunError `strategy-failed` naming what is wrong with it. */
export function checkMove(strategy: string, move: Move, run: Run): Move {
  const wrong = (what: string): never => {
    throw new RunError(
      "strategy-failed",
      `strategy "${strategy}" asked for ${what}. Mend the strategy and resume.`,
    );
  };
  if (typeof move !== "object" || "then" in move)
    return wrong("a promise: ask() must answer at once, without await");
  if (!OPERATORS.has(move.operator)) return wrong(`an unknown operator ${JSON.stringify(move.operator)}`);
  if (!Array.isArray(move.parents) || move.parents.length === 0) return wrong("a move without parents");
  const unknown = move.parents.find((id) => !run.branches.has(id));
  if (unknown !== undefined) return wrong(`an unknown parent ${JSON.stringify(unknown)}`);
  if (!Number.isInteger(move.island) || move.island < 0)
    return wrong(`the island ${JSON.stringify(move.island)}`);
  return move;
}

const OPERATORS: ReadonlySet<string> = new Set([
  "found",
  "improve",
  "repair",
  "cross",
] satisfies Move["operator"][]);
