// Owns: tournament selection with a bounded population, elitism, mutation and crossover.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Random, Strategy } from "../src/contracts/index.ts";
import { checkShare, checkWhole, refuse } from "./parts/options.ts";

export interface TournamentOptions {
  /** Branches drawn for one selection, with replacement; the best of them wins. 1 or more; 3. */
  readonly size?: number;
  /** Branches that live; the oldest that is no elite leaves when there are more. 1 or more; 16. */
  readonly capacity?: number;
  /** The best so many never leave and always stay selectable; 0 to capacity; 1. */
  readonly elitism?: number;
  /** Probability that a proposal has two parents; 0 to 1; 0.15. Otherwise it improves one (a mutation). */
  readonly crossover?: number;
}

/** The living, in the order of their proposals. */
export interface Living {
  readonly branches: readonly Branch[];
}

/**
 * Steady-state tournament selection: parents win a tournament among the living; the elites always live, and
 * of the others the oldest leaves first. A failed episode changes nothing.
 * Source: Goldberg and Deb 1991 (tournament selection); Real et al. 2019 (the oldest leaves: "regularized evolution").
 * @throws RunError `bad-option`.
 */
export function tournament(options: TournamentOptions = {}): Strategy<Living> {
  const { size = 3, capacity = 16, elitism = 1, crossover = 0.15 } = options;
  checkWhole("tournament", 1, { size, capacity });
  checkWhole("tournament", 0, { elitism });
  if (elitism > capacity) refuse("tournament", "elitism", elitism, "0 to capacity");
  checkShare("tournament", { crossover });
  return {
    name: "tournament",
    settings: { size, capacity, elitism, crossover },
    start: (founder) => ({ branches: [founder] }),
    ask({ branches }, { random }) {
      const first = select(branches, size, random);
      const others = branches.filter((branch) => branch.id !== first.id);
      if (others.length > 0 && random.next() < crossover) {
        const second = select(others, size, random);
        return { operator: "cross", parents: [first.id, second.id], island: 0 };
      }
      return { operator: "improve", parents: [first.id], island: 0 };
    },
    tell: (population, outcome) =>
      outcome.ok
        ? { branches: survivors([...population.branches, outcome.branch], capacity, elitism) }
        : population,
  };
}

function select(from: readonly Branch[], size: number, random: Random): Branch {
  const entrants = Array.from({ length: size }, () => random.pick(from));
  return entrants.toSorted(bestFirst)[0] ?? random.pick(from);
}

/** The elites, then the youngest, in the order of their proposals. */
function survivors(branches: readonly Branch[], capacity: number, elitism: number): readonly Branch[] {
  const elites = branches.toSorted(bestFirst).slice(0, elitism);
  const young = branches.filter((branch) => !elites.includes(branch)).toSorted((a, b) => b.number - a.number);
  const living = [...elites, ...young].slice(0, capacity);
  return living.toSorted((a, b) => a.number - b.number);
}
