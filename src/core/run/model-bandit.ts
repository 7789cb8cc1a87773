// Owns: which of several models gets the next proposal: a bandit that weighs improvement against price. A pure function
// of the history, so that a resumed run chooses as one that was never stopped.
import type { Proposal } from "../../contracts/index.ts";
import { rankShare, upperBound } from "../ucb.ts";
import type { History, ModelTrial } from "./history.ts";

/** The weight of exploration, relative to a best worth of 1. */
const EXPLORATION = 0.5;

/** The proposal with one of these models; unchanged when there are none. */
export function withModel(proposal: Proposal, run: History, models: readonly string[]): Proposal {
  return models.length === 0 ? proposal : { ...proposal, model: chooseModel(run, models) };
}

/**
 * The model with the highest worth: its rank improvement per dollar, relative to the best model, and a bonus for being
 * little tried. Tokens stand for dollars when a price is not known, and proposals when no tokens were used. Open proposals
 * count as tries. A model that was never tried comes first, in the order given. Source: Auer et al. 2002 (UCB1); Lange et al. 2025 (a bandit over
 * models).
 */
function chooseModel({ modelTrials, open }: History, models: readonly string[]): string {
  const trials = modelTrials.filter(({ model }) => models.includes(model));
  const pending = open.valueSeq().flatMap(({ proposal }) => proposal.model ?? []);
  const gains = gainsPerCost(trials, models);
  const best = Math.max(...gains.values());
  const total = trials.length + pending.count((model) => models.includes(model));
  const worth = (model: string): number => {
    const own = trials.filter((trial) => trial.model === model).length;
    const tries = own + pending.count((one) => one === model);
    const share = best > 0 ? (gains.get(model) ?? 0) / best : 0;
    return upperBound(share, tries, total, EXPLORATION);
  };
  return models.reduce((a, b) => (worth(b) > worth(a) ? b : a));
}

function gainsPerCost(trials: readonly ModelTrial[], models: readonly string[]): ReadonlyMap<string, number> {
  const costOf = priceOf(trials);
  const known = trials
    .flatMap(({ fitness, parentFitness }) => [fitness, parentFitness])
    .filter((fitness) => fitness !== null);
  const gain = ({ fitness, parentFitness }: ModelTrial): number =>
    fitness === null ? 0 : Math.max(0, rankShare(fitness, known) - rankShare(parentFitness, known));
  return new Map(
    models.map((model) => {
      const own = trials.filter((trial) => trial.model === model);
      const cost = own.reduce((sum, trial) => sum + costOf(trial), 0);
      return [model, cost === 0 ? 0 : own.reduce((sum, trial) => sum + gain(trial), 0) / cost] as const;
    }),
  );
}

/** One measure for all: what cannot be said of one model cannot be compared. */
function priceOf(trials: readonly ModelTrial[]): (trial: ModelTrial) => number {
  const models = new Set(trials.map(({ model }) => model));
  const isKnown = (cost: (trial: ModelTrial) => number): boolean =>
    [...models].every((name) => trials.some((trial) => trial.model === name && cost(trial) > 0));
  const dollars = ({ costUsd }: ModelTrial): number => costUsd ?? 0;
  const tokens = (trial: ModelTrial): number => trial.tokens;
  if (trials.every(({ costUsd }) => costUsd !== null) && isKnown(dollars)) return dollars;
  return isKnown(tokens) ? tokens : () => 1;
}
