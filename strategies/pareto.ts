// Owns: NSGA-II: several metrics at once, without weighing them against each other.
import type { Branch, Direction, Random } from "../src/contracts/index.ts";
import { crowdingDistances, rankFronts } from "./parts/dominance.ts";
import type { Point } from "./parts/niches.ts";
import { defineStrategy, share, whole, type Setting, type StrategyMethods } from "./parts/settings.ts";

/** A metric, and which way it is better. */
export interface Objective {
  /** A metric of the verifier, a trait of the notebook, or `fitness`. */
  readonly metric: string;
  readonly direction: Direction;
}

/** A branch, with its front and its crowding. */
export interface Ranked {
  readonly branch: Branch;
  /** 0: no other branch dominates it. */
  readonly front: number;
  readonly crowding: number;
}

/** The living, best front first; within one, the less crowded first. */
export interface Fronts {
  readonly living: readonly Ranked[];
}

const BY_FITNESS_AND_LENGTH: readonly Objective[] = [
  { metric: "fitness", direction: "maximize" },
  { metric: "notebook.lines", direction: "minimize" },
];

/**
 * Steady-state NSGA-II: parents win a binary tournament by front, then by room; of one too many, the most crowded
 * of the last front leaves. A metric that was not measured is the worst.
 * Source: Deb et al. 2002; Durillo et al. 2009 (steady state).
 */
export const pareto = defineStrategy(
  {
    name: "pareto",
    summary: "several metrics at once (`objectives`), ranked by fronts and crowding",
    source: "Deb et al. 2002; Durillo et al. 2009",
    settings: {
      objectives: objectivesSetting("Metrics, traits of the notebook or `fitness`, each with its direction."),
      capacity: whole(2, 24, "Branches that live."),
      crossover: share(0.15, "Probability that a proposal has two parents."),
    },
  },
  ({ objectives, capacity, crossover }): StrategyMethods<Fronts> => ({
    start: (founder) => ({ living: rankBranches([founder], objectives) }),
    ask({ living }, { random }) {
      const first = pickWinner(living, random);
      const others = living.filter(({ branch }) => branch.id !== first.id);
      if (others.length > 0 && random.next() < crossover)
        return { operator: "cross", parents: [first.id, pickWinner(others, random).id], island: 0 };
      return { operator: "improve", parents: [first.id], island: 0 };
    },
    tell({ living }, outcome) {
      if (!outcome.ok) return { living };
      const branches = [...living.map(({ branch }) => branch), outcome.branch];
      return { living: rankBranches(branches, objectives).slice(0, capacity) };
    },
  }),
);

function objectivesSetting(meaning: string): Setting<readonly Objective[]> {
  return {
    meaning,
    range: "a list of 1 or more { metric, direction }, direction maximize or minimize",
    defaultText: "fitness against notebook.lines",
    defaultValue: () => BY_FITNESS_AND_LENGTH,
    read: (given) =>
      Array.isArray(given) && given.length > 0 && given.every(isObjective) ? given : undefined,
    toJson: (objectives) => objectives.map(({ metric, direction }) => ({ metric, direction })),
  };
}

function isObjective(given: unknown): given is Objective {
  if (typeof given !== "object" || given === null || !("metric" in given && "direction" in given))
    return false;
  const { metric, direction } = given;
  return typeof metric === "string" && (direction === "maximize" || direction === "minimize");
}

/** A branch's objectives, each turned so that higher is better. */
export function pointOf(branch: Branch, objectives: readonly Objective[]): Point {
  return objectives.map(({ metric, direction }) => {
    const measured =
      metric === "fitness" ? branch.score.fitness : (branch.score.metrics[metric] ?? branch.traits?.[metric]);
    return measured === undefined ? -Infinity : direction === "maximize" ? measured : -measured;
  });
}

function rankBranches(branches: readonly Branch[], objectives: readonly Objective[]): readonly Ranked[] {
  const points = branches.map((branch) => pointOf(branch, objectives));
  const front = rankFronts(points);
  const last = Math.max(...front);
  return Array.from({ length: last + 1 }, (_, rank) => {
    const here = [...branches.keys()].filter((i) => front[i] === rank);
    const room = crowdingDistances(here.map((i) => points[i] ?? []));
    return here
      .flatMap((i, place): Ranked[] => {
        const branch = branches[i];
        return branch === undefined ? [] : [{ branch, front: rank, crowding: room[place] ?? 0 }];
      })
      .toSorted((a, b) => compareRoom(a.crowding, b.crowding) || a.branch.number - b.branch.number);
  }).flat();
}

/** More room first; a difference of infinities is no number. */
function compareRoom(a: number, b: number): number {
  return a === b ? 0 : b > a ? 1 : -1;
}

/** The list is sorted, so of two the one that stands before the other. */
function pickWinner(living: readonly Ranked[], random: Random): Branch {
  const place = Math.min(random.int(living.length), random.int(living.length));
  return (living[place] ?? random.pick(living)).branch;
}
