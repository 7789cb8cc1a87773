// Owns: the frontier over instances - whoever is best at something is worth going on from.
import { Map as PersistentMap } from "immutable";
import type { Branch, BranchId, Strategy } from "../src/contracts/index.ts";
import { checkShare, checkWhole } from "./parts/options.ts";

export interface FrontierOptions {
  /** The metrics that are instances, higher better; by default all that a branch has but `score`. */
  readonly metrics?: readonly string[];
  /** Branches kept that share the best value of an instance, the first found; 1 or more; 4. */
  readonly ties?: number;
  /** Probability that a proposal has two parents; 0 to 1; 0.2. */
  readonly crossover?: number;
}

/** The best value of an instance, and who reached it, in the order found. */
export interface Best {
  readonly value: number;
  readonly branches: readonly Branch[];
}

export interface Frontier {
  readonly founder: Branch;
  readonly best: PersistentMap<string, Best>;
}

/**
 * Keeps the best of every instance and draws a parent by the number of instances that it is best at; whoever is
 * best only where another is too, and nowhere else, is left out.
 * Source: Agrawal et al. 2025 (GEPA), algorithm 2. @throws RunError `bad-option`.
 */
export function frontier(options: FrontierOptions = {}): Strategy<Frontier> {
  const { metrics = null, ties = 4, crossover = 0.2 } = options;
  checkWhole("frontier", 1, { ties });
  checkShare("frontier", { crossover });

  const instancesOf = ({ score }: Branch): Readonly<Record<string, number>> => {
    const names = metrics ?? Object.keys(score.metrics).filter((name) => name !== "score");
    if (names.length === 0) return { fitness: score.fitness };
    return Object.fromEntries(names.map((name) => [name, score.metrics[name] ?? -Infinity]));
  };

  function add(best: Frontier["best"], branch: Branch): Frontier["best"] {
    return Object.entries(instancesOf(branch)).reduce((next, [name, value]) => {
      const had = next.get(name);
      if (had === undefined || value > had.value) return next.set(name, { value, branches: [branch] });
      if (value < had.value || had.branches.length >= ties) return next;
      return next.set(name, { value, branches: [...had.branches, branch] });
    }, best);
  }

  return {
    name: "frontier",
    settings: { metrics, ties, crossover },
    start: (founder) => ({ founder, best: add(PersistentMap(), founder) }),
    ask({ founder, best }, { random }) {
      const tickets = undominated(best);
      const first = tickets.length === 0 ? founder.id : random.pick(tickets);
      const others = tickets.filter((id) => id !== first);
      if (others.length > 0 && random.next() < crossover)
        return { operator: "cross", parents: [first, random.pick(others)], island: 0 };
      return { operator: "improve", parents: [first], island: 0 };
    },
    tell: ({ founder, best }, outcome) => ({ founder, best: outcome.ok ? add(best, outcome.branch) : best }),
  };
}

/** Ids of the frontier, one for each instance won. Beginning with the least, whoever can be spared is left out. */
export function undominated(best: Frontier["best"]): readonly BranchId[] {
  let fronts = [...best.values()].map(({ branches }) => branches.map(({ id }) => id));
  const wins = new Map<BranchId, number>();
  for (const id of fronts.flat()) wins.set(id, (wins.get(id) ?? 0) + 1);
  for (const [id] of [...wins].toSorted((a, b) => a[1] - b[1])) {
    const isSpare = fronts.every((front) => !front.includes(id) || front.length > 1);
    if (isSpare) fronts = fronts.map((front) => front.filter((one) => one !== id));
  }
  return fronts.flat();
}
