// Owns: (mu + lambda) selection: the best of parents and children together are the next parents.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch } from "../src/contracts/index.ts";
import { defineStrategy, share, whole, type StrategyMethods } from "./parts/settings.ts";

/** The parents, best first, and the generation that is growing. */
export interface Generation {
  readonly parents: readonly Branch[];
  readonly children: readonly Branch[];
  /** Proposals told since the last selection. */
  readonly told: number;
}

/**
 * Elitist truncation selection; parents are drawn evenly. It never waits: what is open at a selection counts for
 * the next generation. Source: Schwefel 1981; Beyer and Schwefel 2002, "Evolution strategies".
 */
export const muPlusLambda = defineStrategy(
  {
    name: "mu-plus-lambda",
    summary: "the best `mu` of parents and children are the next parents",
    source: "Schwefel 1981; Beyer and Schwefel 2002",
    settings: {
      mu: whole(1, 4, "Parents."),
      lambda: whole(1, 8, "Proposals told between two selections, failures included; 1 is steady state."),
      crossover: share(0.15, "Probability that a proposal has two parents."),
    },
  },
  ({ mu, lambda, crossover }): StrategyMethods<Generation> => ({
    start: (founder) => ({ parents: [founder], children: [], told: 0 }),
    ask({ parents }, { random }) {
      const first = random.pick(parents);
      const others = parents.filter((branch) => branch.id !== first.id);
      if (others.length > 0 && random.next() < crossover)
        return { operator: "cross", parents: [first.id, random.pick(others).id], island: 0 };
      return { operator: "improve", parents: [first.id], island: 0 };
    },
    tell(generation, outcome) {
      const children = outcome.ok ? [...generation.children, outcome.branch] : generation.children;
      const told = generation.told + 1;
      if (told < lambda) return { ...generation, children, told };
      const parents = [...generation.parents, ...children].toSorted(bestFirst).slice(0, mu);
      return { parents, children: [], told: 0 };
    },
  }),
);
