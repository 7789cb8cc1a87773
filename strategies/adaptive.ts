// Owns: a bandit over strategies: each gets the proposals that it earns, and on a plateau the leading one rests.
import { rankShare, upperBound } from "../src/core/ucb.ts";
import type { Move, Outcome, Proposal, Strategy } from "../src/contracts/index.ts";
import { mapElites } from "./map-elites.ts";
import { defineStrategy, weight, whole, wrappedStrategies, type StrategyMethods } from "./parts/settings.ts";
import { tournament } from "./tournament.ts";
import { treeSearch } from "./tree-search.ts";

/** What one of the strategies made of one proposal. */
export interface Trial {
  readonly arm: number;
  /** Null: it failed. */
  readonly fitness: number | null;
}

/** The population of `adaptive`. */
export interface Bandit {
  /** A population for each strategy, in their order. */
  readonly populations: readonly unknown[];
  /** The latest outcomes, in the order told. */
  readonly trials: readonly Trial[];
  readonly best: number;
  /** Proposals told since the best was found, or since the leading strategy last changed. */
  readonly stale: number;
  /** The strategy that rests until the next plateau or the next best. */
  readonly resting: number | null;
}

interface BanditRules {
  /** The strategies; an arm of the bandit is a place in this list. */
  readonly of: readonly Strategy[];
  readonly window: number;
  readonly exploration: number;
  readonly plateau: number;
}

/**
 * Sliding-window UCB over whole strategies. The reward of an outcome is the share of the window's branches that it
 * is better than: ranks, so that the scale of the fitness does not matter. Every strategy is told of every success,
 * so that none starts from nothing; of a failure only the one that asked.
 * Source: Garivier and Moulines 2011 (sliding-window UCB); Fialho et al. 2010 (rank-based credit for operators).
 */
export const adaptive = defineStrategy(
  {
    name: "adaptive",
    summary: "a bandit over strategies (`of`, a list); on a plateau the leading one rests",
    source: "Garivier and Moulines 2011; Fialho 2010",
    settings: {
      of: wrappedStrategies([tournament, mapElites, treeSearch], "The strategies to choose from."),
      window: whole(1, 50, "Latest outcomes that decide."),
      exploration: weight(0.5, "Weight of exploration."),
      plateau: whole(
        0,
        20,
        "Proposals told without a new best, after which the leading strategy rests; 0 for never.",
      ),
    },
  },
  (rules): StrategyMethods<Bandit> => ({
    start: (founder) => ({
      populations: rules.of.map((strategy) => strategy.start(founder)),
      trials: [],
      best: founder.score.fitness,
      stale: 0,
      resting: null,
    }),
    ask: (bandit, now) => askArms(rules, bandit, now),
    tell(bandit, outcome) {
      const fitness = outcome.ok ? outcome.branch.score.fitness : null;
      const trials = [...bandit.trials, { arm: armOf(rules, outcome.proposal), fitness }].slice(
        -rules.window,
      );
      const populations = tellArms(rules, bandit, outcome);
      if (fitness !== null && fitness > bandit.best)
        return { populations, trials, best: fitness, stale: 0, resting: null };
      const stale = bandit.stale + 1;
      if (rules.plateau === 0 || stale < rules.plateau) return { ...bandit, populations, trials, stale };
      return { ...bandit, populations, trials, stale: 0, resting: mostTried(trials, rules.of.length) };
    },
  }),
);

function armOf({ of }: BanditRules, { island }: Move): number {
  return island % of.length;
}

/** The move or proposal as its strategy knows it: a strategy's own islands lie beyond its number in `island`. */
function asInside<T extends Move>({ of }: BanditRules, move: T): T {
  return { ...move, island: Math.floor(move.island / of.length) };
}

/** The first move of a strategy, asked in the order of what they are worth; the one that rests is asked last. */
function askArms(rules: BanditRules, bandit: Bandit, now: Parameters<Strategy["ask"]>[1]): Move | null {
  const { of, exploration } = rules;
  const asking = now.open.map((proposal) => armOf(rules, proposal));
  const worth = armWorths(bandit, of.length, exploration, asking);
  const order = [...of.keys()]
    .filter((arm) => arm !== bandit.resting || of.length === 1)
    .toSorted((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0) || a - b);
  for (const arm of [...order, ...(bandit.resting === null ? [] : [bandit.resting])]) {
    const own = now.open.filter((proposal) => armOf(rules, proposal) === arm);
    const open = own.map((proposal) => asInside(rules, proposal));
    const move = of[arm]?.ask(bandit.populations[arm], { ...now, open }) ?? null;
    if (move !== null) return { ...move, island: arm + of.length * move.island };
  }
  return null;
}

function tellArms(rules: BanditRules, bandit: Bandit, outcome: Outcome): readonly unknown[] {
  const asker = armOf(rules, outcome.proposal);
  return rules.of.map((strategy, arm) => {
    const population = bandit.populations[arm];
    if (arm !== asker && !outcome.ok) return population;
    const proposal: Proposal =
      arm === asker ? asInside(rules, outcome.proposal) : { ...outcome.proposal, island: 0 };
    return strategy.tell(population, { ...outcome, proposal });
  });
}

/** What each arm is worth now: mean reward and a bonus for being little tried; open proposals count as tries. */
function armWorths(
  { trials }: Pick<Bandit, "trials">,
  arms: number,
  exploration: number,
  open: readonly number[],
): readonly number[] {
  const known = trials.map(({ fitness }) => fitness).filter((fitness) => fitness !== null);
  const rewardOf = (fitness: number | null): number => (fitness === null ? 0 : rankShare(fitness, known));
  const total = trials.length + open.length;
  return Array.from({ length: arms }, (_, arm) => {
    const own = trials.filter((trial) => trial.arm === arm);
    const tries = own.length + open.filter((one) => one === arm).length;
    const reward = own.reduce((sum, { fitness }) => sum + rewardOf(fitness), 0) / Math.max(own.length, 1);
    return upperBound(reward, tries, total, exploration);
  });
}

/** The arm with the most trials; of equals, the first. */
function mostTried(trials: readonly Trial[], arms: number): number {
  const counts = Array.from({ length: arms }, (_, arm) => trials.filter((trial) => trial.arm === arm).length);
  return counts.indexOf(Math.max(...counts));
}
