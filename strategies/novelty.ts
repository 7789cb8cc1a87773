// Owns: novelty search: the parents are those that behave like no other; the fitness is only reported.
import { isAlike } from "../src/core/notebook/notebook-traits.ts";
import type { Branch, Random } from "../src/contracts/index.ts";
import { axesSetting, coordinatesOf, squaredDistance, type Axis, type Point } from "./parts/niches.ts";
import { defineStrategy, whole, type StrategyMethods } from "./parts/settings.ts";

/** A branch, and its place in the space in which novelty is measured. */
export interface Member {
  readonly branch: Branch;
  readonly point: Point;
}

/** The population of `novelty`. */
export interface NoveltyArchive {
  readonly members: readonly Member[];
}

/**
 * Keeps an archive of behaviours. A branch whose code is nearly that of a member is turned away, so that nothing is
 * spent on its children. In a full archive a newcomer takes the place of the member nearest to it where it is more
 * novel than that one. Source: Lehman and Stanley 2011 (novelty search); Lange et al. 2025 (ShinkaEvolve: rejection
 * of near-duplicates).
 */
export const novelty = defineStrategy(
  {
    name: "novelty",
    summary: "parents are those that behave like no other; near-duplicate code is turned away",
    source: "Lehman and Stanley 2011; Lange et al. 2025",
    settings: {
      axes: axesSetting("Axes of the space of behaviour; each counts from 0 to 1 over its range."),
      k: whole(1, 5, "Neighbours; the novelty is the mean distance to them."),
      capacity: whole(2, 256, "Branches in the archive at the most."),
      size: whole(1, 3, "Members drawn for one selection; the most novel is the parent."),
      duplicateBits: whole(0, 3, "Bits of 64 in which the fingerprints of near-duplicates may differ."),
    },
  },
  ({ axes, k, capacity, size, duplicateBits }): StrategyMethods<NoveltyArchive> => {
    const memberOf = (branch: Branch): Member => ({ branch, point: unitPoint(axes, branch) });
    const isDuplicate = (a: Branch, b: Branch): boolean =>
      a.fingerprint !== undefined &&
      b.fingerprint !== undefined &&
      isAlike(a.fingerprint, b.fingerprint, duplicateBits);

    function select(members: readonly Member[], random: Random): Member {
      const entrants = Array.from({ length: size }, () => random.pick(members));
      return entrants.reduce((a, b) => (noveltyOf(b, members, k) > noveltyOf(a, members, k) ? b : a));
    }

    return {
      start: (founder) => ({ members: [memberOf(founder)] }),
      ask: ({ members }, { random }) => ({
        operator: "improve",
        parents: [select(members, random).branch.id],
        island: 0,
      }),
      tell({ members }, outcome) {
        if (!outcome.ok || members.some(({ branch }) => isDuplicate(branch, outcome.branch)))
          return { members };
        const newcomer = memberOf(outcome.branch);
        if (!newcomer.point.every(Number.isFinite)) return { members };
        if (members.length < capacity) return { members: [...members, newcomer] };
        return { members: replaceNearest(members, newcomer, k) };
      },
    };
  },
);

/** The mean distance to the `k` nearest others; 0 where there are none. */
export function noveltyOf({ branch, point }: Member, members: readonly Member[], k: number): number {
  const distances = members
    .filter((other) => other.branch.id !== branch.id)
    .map((other) => Math.sqrt(squaredDistance(point, other.point)))
    .toSorted((a, b) => a - b)
    .slice(0, k);
  return distances.reduce((sum, distance) => sum + distance, 0) / Math.max(distances.length, 1);
}

function replaceNearest(members: readonly Member[], newcomer: Member, k: number): readonly Member[] {
  const nearest = members.reduce((a, b) =>
    squaredDistance(b.point, newcomer.point) < squaredDistance(a.point, newcomer.point) ? b : a,
  );
  const others = members.filter((member) => member !== nearest);
  const isMoreNovel = noveltyOf(newcomer, others, k) > noveltyOf(nearest, others, k);
  return isMoreNovel ? [...others, newcomer] : members;
}

function unitPoint(axes: readonly Axis[], branch: Branch): Point {
  const values = coordinatesOf(axes, branch);
  return axes.map(({ min, max }, i) => ((values[i] ?? min) - min) / (max - min));
}
