// Owns: NSGA-II - several metrics at once, without weighing them against each other.
import type { Branch, Direction, Random, Strategy } from "../src/contracts/index.ts";
import { crowding, fronts, type Point } from "./parts/dominance.ts";
import { checkShare, checkWhole, refuse } from "./parts/options.ts";

export interface Objective {
  /** A metric of the verifier, a trait of the notebook, or `fitness`. */
  readonly metric: string;
  readonly direction: Direction;
}

export interface ParetoOptions {
  /** 1 or more; by default the fitness against the length of the code. */
  readonly objectives?: readonly Objective[];
  /** Branches that live, 2 or more; 24. */
  readonly capacity?: number;
  /** Probability that a proposal has two parents; 0 to 1; 0.15. */
  readonly crossover?: number;
}

export interface Ranked {
  readonly branch: Branch;
  /** 0 is dominated by nobody. */
  readonly front: number;
  readonly crowding: number;
}

/** The living, best front first; within one, the less crowded first. */
export interface Fronts {
  readonly living: readonly Ranked[];
}

const LENGTH: Objective = { metric: "notebook.lines", direction: "minimize" };

/**
 * Steady-state NSGA-II: parents win a binary tournament by front, then by room; of one too many, the most crowded
 * of the last front leaves. A metric that was not measured is the worst.
 * Source: Deb et al. 2002; Durillo et al. 2009 (steady state). @throws RunError `bad-option`.
 */
export function pareto(options: ParetoOptions = {}): Strategy<Fronts> {
  const { capacity = 24, crossover = 0.15 } = options;
  const objectives = options.objectives ?? [{ metric: "fitness", direction: "maximize" }, LENGTH];
  checkWhole("pareto", 2, { capacity });
  checkShare("pareto", { crossover });
  if (objectives.length === 0) refuse("pareto", "objectives", objectives, "a list of 1 or more");
  for (const { direction } of objectives)
    if (direction !== "maximize" && direction !== "minimize")
      refuse("pareto", "direction", direction, "maximize or minimize");
  return {
    name: "pareto",
    settings: { objectives: objectives.map((objective) => ({ ...objective })), capacity, crossover },
    start: (founder) => ({ living: ranked([founder], objectives) }),
    ask({ living }, { random }) {
      const first = winner(living, random);
      const others = living.filter(({ branch }) => branch.id !== first.id);
      if (others.length > 0 && random.next() < crossover)
        return { operator: "cross", parents: [first.id, winner(others, random).id], island: 0 };
      return { operator: "improve", parents: [first.id], island: 0 };
    },
    tell({ living }, outcome) {
      if (!outcome.ok) return { living };
      const branches = [...living.map(({ branch }) => branch), outcome.branch];
      return { living: ranked(branches, objectives).slice(0, capacity) };
    },
  };
}

/** A branch's objectives, each turned so that higher is better. */
export function pointOf(branch: Branch, objectives: readonly Objective[]): Point {
  return objectives.map(({ metric, direction }) => {
    const measured =
      metric === "fitness" ? branch.score.fitness : (branch.score.metrics[metric] ?? branch.traits?.[metric]);
    return measured === undefined ? -Infinity : direction === "maximize" ? measured : -measured;
  });
}

function ranked(branches: readonly Branch[], objectives: readonly Objective[]): readonly Ranked[] {
  const points = branches.map((branch) => pointOf(branch, objectives));
  const front = fronts(points);
  const last = Math.max(...front);
  return Array.from({ length: last + 1 }, (_, rank) => {
    const here = [...branches.keys()].filter((i) => front[i] === rank);
    const room = crowding(here.map((i) => points[i] ?? []));
    return here
      .flatMap((i, place): Ranked[] => {
        const branch = branches[i];
        return branch === undefined ? [] : [{ branch, front: rank, crowding: room[place] ?? 0 }];
      })
      .toSorted((a, b) => compare(a.crowding, b.crowding) || a.branch.number - b.branch.number);
  }).flat();
}

/** More room first; a difference of infinities is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : b > a ? 1 : -1;
}

/** The list is sorted, so of two the one that stands before the other. */
function winner(living: readonly Ranked[], random: Random): Branch {
  const place = Math.min(random.int(living.length), random.int(living.length));
  return (living[place] ?? random.pick(living)).branch;
}
