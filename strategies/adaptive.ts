// Owns: a bandit over strategies - each gets the proposals that it earns, and a plateau makes them change places.
import type { Move, Outcome, Proposal, Strategy } from "../src/contracts/index.ts";
import { checkWhole, refuse } from "./parts/options.ts";

export interface AdaptiveOptions {
  /** The latest so many outcomes decide, 1 or more; 50. */
  readonly window?: number;
  /** Weight of exploration, 0 or more; 0.5. */
  readonly exploration?: number;
  /** Proposals told without a new best, after which the leading strategy rests; 0 for never; 20. */
  readonly plateau?: number;
}

export interface Trial {
  readonly arm: number;
  /** Null: it failed. */
  readonly fitness: number | null;
}

export interface Bandit {
  /** A population for each strategy, in their order. */
  readonly populations: readonly unknown[];
  /** The latest outcomes, in the order told. */
  readonly trials: readonly Trial[];
  readonly best: number;
  /** Told since the best was found, or since the last change of places. */
  readonly stale: number;
  /** The strategy that rests until the next plateau or the next best. */
  readonly resting: number | null;
}

/**
 * Sliding-window UCB over whole strategies. The reward of an outcome is the share of the window's branches that it
 * is better than: ranks, so that the scale of the fitness does not matter. Every strategy is told of every success,
 * so that none starts from nothing; of a failure only the one that asked.
 * Source: Garivier and Moulines 2011 (sliding-window UCB); Fialho et al. 2010 (rank-based credit for operators).
 * @throws RunError `bad-option`.
 */
export function adaptive(arms: readonly Strategy[], options: AdaptiveOptions = {}): Strategy<Bandit> {
  const { window = 50, exploration = 0.5, plateau = 20 } = options;
  checkWhole("adaptive", 1, { window, strategies: arms.length });
  checkWhole("adaptive", 0, { plateau });
  if (!(exploration >= 0)) refuse("adaptive", "exploration", exploration, "0 or more");

  const armOf = ({ island }: Move): number => island % arms.length;
  /** A strategy's own islands lie beyond its number. */
  const inward = <T extends Move>(move: T): T => ({ ...move, island: Math.floor(move.island / arms.length) });

  function ask(bandit: Bandit, now: Parameters<Strategy["ask"]>[1]): Move | null {
    const worth = worths(bandit, arms.length, exploration, now.open.map(armOf));
    const order = [...arms.keys()]
      .filter((arm) => arm !== bandit.resting || arms.length === 1)
      .toSorted((a, b) => (worth[b] ?? 0) - (worth[a] ?? 0) || a - b);
    for (const arm of [...order, ...(bandit.resting === null ? [] : [bandit.resting])]) {
      const open = now.open.filter((proposal) => armOf(proposal) === arm).map(inward);
      const move = arms[arm]?.ask(bandit.populations[arm], { ...now, open }) ?? null;
      if (move !== null) return { ...move, island: arm + arms.length * move.island };
    }
    return null;
  }

  function tellArms(bandit: Bandit, outcome: Outcome): readonly unknown[] {
    const asker = armOf(outcome.proposal);
    return arms.map((strategy, arm) => {
      const population = bandit.populations[arm];
      if (arm !== asker && !outcome.ok) return population;
      const proposal: Proposal =
        arm === asker ? inward(outcome.proposal) : { ...outcome.proposal, island: 0 };
      return strategy.tell(population, { ...outcome, proposal });
    });
  }

  return {
    name: "adaptive",
    settings: {
      of: arms.map((strategy) => ({ name: strategy.name, ...strategy.settings })),
      window,
      exploration,
      plateau,
    },
    start: (founder) => ({
      populations: arms.map((strategy) => strategy.start(founder)),
      trials: [],
      best: founder.score.fitness,
      stale: 0,
      resting: null,
    }),
    ask,
    tell(bandit, outcome) {
      const fitness = outcome.ok ? outcome.branch.score.fitness : null;
      const trials = [...bandit.trials, { arm: armOf(outcome.proposal), fitness }].slice(-window);
      const populations = tellArms(bandit, outcome);
      if (fitness !== null && fitness > bandit.best)
        return { populations, trials, best: fitness, stale: 0, resting: null };
      const stale = bandit.stale + 1;
      if (plateau === 0 || stale < plateau) return { ...bandit, populations, trials, stale };
      return { ...bandit, populations, trials, stale: 0, resting: leader(trials, arms.length) };
    },
  };
}

/** What each arm is worth now: mean reward and a bonus for being little tried; open proposals count as tries. */
export function worths(
  { trials }: Pick<Bandit, "trials">,
  arms: number,
  exploration: number,
  open: readonly number[],
): readonly number[] {
  const known = trials.map(({ fitness }) => fitness).filter((fitness) => fitness !== null);
  const rewardOf = (fitness: number | null): number =>
    fitness === null ? 0 : known.filter((other) => other < fitness).length / Math.max(known.length - 1, 1);
  const total = trials.length + open.length;
  return Array.from({ length: arms }, (_, arm) => {
    const own = trials.filter((trial) => trial.arm === arm);
    const tries = own.length + open.filter((one) => one === arm).length;
    if (tries === 0) return Infinity;
    const reward = own.reduce((sum, { fitness }) => sum + rewardOf(fitness), 0) / Math.max(own.length, 1);
    return reward + exploration * Math.sqrt(Math.log(total + 1) / tries);
  });
}

function leader(trials: readonly Trial[], arms: number): number {
  const counts = Array.from({ length: arms }, (_, arm) => trials.filter((trial) => trial.arm === arm).length);
  return counts.indexOf(Math.max(...counts));
}
