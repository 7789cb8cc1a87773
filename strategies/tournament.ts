// Owns: tournament selection with a bounded population, elitism, mutation and crossover.
import { bestFirst } from "../src/core/run/branch.ts";
import type { Branch, Random } from "../src/contracts/index.ts";
import { defineStrategy, refuse, share, whole, type StrategyMethods } from "./parts/settings.ts";

/** The living, in the order of their proposals. */
export interface Living {
  readonly branches: readonly Branch[];
}

/**
 * Steady-state tournament selection: parents win a tournament among the living; the elites always live, and
 * of the others the oldest leaves first. A failed episode changes nothing.
 * Source: Goldberg and Deb 1991 (tournament selection); Real et al. 2019 (the oldest leaves: "regularized evolution").
 */
export const tournament = defineStrategy(
  {
    name: "tournament",
    summary: "parents win a draw among the living; the oldest leaves; elites stay",
    source: "Goldberg and Deb 1991; Real et al. 2019",
    settings: {
      size: whole(1, 3, "Branches drawn for one selection, with replacement; the best of them wins."),
      capacity: whole(1, 16, "Branches that live; above it, the oldest that is no elite leaves."),
      elitism: whole(0, 1, "How many of the best never leave; at most `capacity`."),
      crossover: share(0.15, "Probability that a proposal has two parents."),
    },
  },
  ({ size, capacity, elitism, crossover }): StrategyMethods<Living> => {
    if (elitism > capacity) refuse("tournament", "elitism", elitism, `at most the capacity, ${capacity}`);
    return {
      start: (founder) => ({ branches: [founder] }),
      ask({ branches }, { random }) {
        const first = selectParent(branches, size, random);
        const others = branches.filter((branch) => branch.id !== first.id);
        if (others.length > 0 && random.next() < crossover) {
          const second = selectParent(others, size, random);
          return { operator: "cross", parents: [first.id, second.id], island: 0 };
        }
        return { operator: "improve", parents: [first.id], island: 0 };
      },
      tell: (population, outcome) =>
        outcome.ok
          ? { branches: selectSurvivors([...population.branches, outcome.branch], capacity, elitism) }
          : population,
    };
  },
);

function selectParent(from: readonly Branch[], size: number, random: Random): Branch {
  const entrants = Array.from({ length: size }, () => random.pick(from));
  return entrants.toSorted(bestFirst)[0] ?? random.pick(from);
}

/** The elites, then the youngest, in the order of their proposals. */
function selectSurvivors(branches: readonly Branch[], capacity: number, elitism: number): readonly Branch[] {
  const elites = branches.toSorted(bestFirst).slice(0, elitism);
  const young = branches.filter((branch) => !elites.includes(branch)).toSorted((a, b) => b.number - a.number);
  const living = [...elites, ...young].slice(0, capacity);
  return living.toSorted((a, b) => a.number - b.number);
}
