// Owns: the frontier over instances: a branch that is best at something is worth going on from.
import { Map as PersistentMap } from "immutable";
import type { Branch, BranchId } from "../src/contracts/index.ts";
import { defineStrategy, names, optional, share, whole, type StrategyMethods } from "./parts/settings.ts";

/** The best value of an instance, and the branches that reached it, in the order found. */
export interface MetricBest {
  readonly value: number;
  readonly branches: readonly Branch[];
}

/** The population of `frontier`. */
export interface Frontier {
  readonly founder: Branch;
  readonly best: PersistentMap<string, MetricBest>;
}

/**
 * Keeps the best of every instance and draws a parent by the number of instances that it is best at; a branch that
 * is best only where another one is too is left out. Source: Agrawal et al. 2025 (GEPA), algorithm 2.
 */
export const frontier = defineStrategy(
  {
    name: "frontier",
    summary: "the best of every metric (an instance each) is worth going on from",
    source: "Agrawal et al. 2025 (GEPA)",
    settings: {
      metrics: optional(names("Metrics that are instances; higher is better."), "all but score"),
      ties: whole(1, 4, "Branches kept that share the best value of an instance, the first found."),
      crossover: share(0.2, "Probability that a proposal has two parents."),
    },
  },
  ({ metrics, ties, crossover }): StrategyMethods<Frontier> => {
    const instancesOf = ({ score }: Branch): Readonly<Record<string, number>> => {
      const names = metrics ?? Object.keys(score.metrics).filter((name) => name !== "score");
      if (names.length === 0) return { fitness: score.fitness };
      return Object.fromEntries(names.map((name) => [name, score.metrics[name] ?? -Infinity]));
    };

    function addBranch(best: Frontier["best"], branch: Branch): Frontier["best"] {
      return Object.entries(instancesOf(branch)).reduce((next, [name, value]) => {
        const had = next.get(name);
        if (had === undefined || value > had.value) return next.set(name, { value, branches: [branch] });
        if (value < had.value || had.branches.length >= ties) return next;
        return next.set(name, { value, branches: [...had.branches, branch] });
      }, best);
    }

    return {
      start: (founder) => ({ founder, best: addBranch(PersistentMap(), founder) }),
      ask({ founder, best }, { random }) {
        const tickets = undominatedIds(best);
        const first = tickets.length === 0 ? founder.id : random.pick(tickets);
        const others = tickets.filter((id) => id !== first);
        if (others.length > 0 && random.next() < crossover)
          return { operator: "cross", parents: [first, random.pick(others)], island: 0 };
        return { operator: "improve", parents: [first], island: 0 };
      },
      tell: ({ founder, best }, outcome) => ({
        founder,
        best: outcome.ok ? addBranch(best, outcome.branch) : best,
      }),
    };
  },
);

/** Ids of the frontier, one for each instance won. Beginning with the least, each that can be spared is left out. */
export function undominatedIds(best: Frontier["best"]): readonly BranchId[] {
  let fronts = [...best.values()].map(({ branches }) => branches.map(({ id }) => id));
  const wins = new Map<BranchId, number>();
  for (const id of fronts.flat()) wins.set(id, (wins.get(id) ?? 0) + 1);
  for (const [id] of [...wins].toSorted((a, b) => a[1] - b[1])) {
    const isSpare = fronts.every((front) => !front.includes(id) || front.length > 1);
    if (isSpare) fronts = fronts.map((front) => front.filter((one) => one !== id));
  }
  return fronts.flat();
}
