// Owns: (mu + lambda) selection - the best of parents and children together are the next parents.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Strategy } from "../src/contracts/index.ts";
import { checkShare, checkWhole } from "./parts/options.ts";

export interface MuPlusLambdaOptions {
  /** Parents, 1 or more; 4. */
  readonly mu?: number;
  /** Proposals told, failures included, between two selections, 1 or more; 8. 1 is steady state. */
  readonly lambda?: number;
  /** Probability that a proposal has two parents; 0 to 1; 0.15. */
  readonly crossover?: number;
}

/** The parents, best first, and the generation that is growing. */
export interface Generation {
  readonly parents: readonly Branch[];
  readonly children: readonly Branch[];
  /** Told since the last selection. */
  readonly told: number;
}

/**
 * Elitist truncation selection; parents are drawn evenly. It never waits: what is open at a selection counts for
 * the next generation. Source: Schwefel 1981; Beyer and Schwefel 2002, "Evolution strategies".
 * @throws RunError `bad-option`.
 */
export function muPlusLambda(options: MuPlusLambdaOptions = {}): Strategy<Generation> {
  const { mu = 4, lambda = 8, crossover = 0.15 } = options;
  checkWhole("mu-plus-lambda", 1, { mu, lambda });
  checkShare("mu-plus-lambda", { crossover });
  return {
    name: "mu-plus-lambda",
    settings: { mu, lambda, crossover },
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
  };
}
