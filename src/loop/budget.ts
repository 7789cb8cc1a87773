// Owns: when a run is over.
import type { Run } from "../core/run.ts";
import type { StopReason } from "../spec/index.ts";

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
