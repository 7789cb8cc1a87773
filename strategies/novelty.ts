// Owns: novelty search - the parents are those that behave like no other; the fitness is only reported.
import { alike } from "../src/core/notebook/notebook-traits.ts";
import type { Branch, Random, Strategy } from "../src/contracts/index.ts";
import { checkAxes, coordinates, notebookAxes, type Axis } from "./parts/axes.ts";
import { squaredDistance, type Point } from "./parts/cvt.ts";
import { checkWhole } from "./parts/options.ts";

export interface NoveltyOptions {
  /** What spans the space of behaviour; each counts from 0 to 1 over its range. Give the task's `descriptors`. */
  readonly axes?: readonly Axis[];
  /** Neighbours that the novelty is the mean distance to; 1 or more; 5. */
  readonly k?: number;
  /** Branches in the archive at the most, 2 or more; 256. */
  readonly capacity?: number;
  /** Members drawn for one selection; the most novel is the parent. 1 or more; 3. */
  readonly size?: number;
  /** Bits of 64 in which the fingerprints of near-duplicates may differ; 0 or more; 3. */
  readonly duplicateBits?: number;
}

export interface Member {
  readonly branch: Branch;
  readonly point: Point;
}

export interface NoveltyArchive {
  readonly members: readonly Member[];
}

/**
 * Keeps an archive of behaviours. A branch whose code is nearly that of a member is turned away, so that nothing is
 * spent on its children. In a full archive a newcomer takes the place of the member nearest to it where it is more
 * novel than that one. Source: Lehman and Stanley 2011 (novelty search); Lange et al. 2025 (ShinkaEvolve: rejection
 * of near-duplicates). @throws RunError `bad-option`.
 */
export function novelty(options: NoveltyOptions = {}): Strategy<NoveltyArchive> {
  const { k = 5, capacity = 256, size = 3, duplicateBits = 3 } = options;
  const axes = checkAxes("novelty", options.axes ?? notebookAxes);
  checkWhole("novelty", 1, { k, size });
  checkWhole("novelty", 2, { capacity });
  checkWhole("novelty", 0, { duplicateBits });

  const memberOf = (branch: Branch): Member => ({ branch, point: unitPoint(axes, branch) });
  const isDuplicate = (a: Branch, b: Branch): boolean =>
    a.fingerprint !== undefined &&
    b.fingerprint !== undefined &&
    alike(a.fingerprint, b.fingerprint, duplicateBits);

  function select(members: readonly Member[], random: Random): Member {
    const entrants = Array.from({ length: size }, () => random.pick(members));
    return entrants.reduce((a, b) => (noveltyOf(b, members, k) > noveltyOf(a, members, k) ? b : a));
  }

  return {
    name: "novelty",
    settings: { axes: axes.map((axis) => ({ ...axis })), k, capacity, size, duplicateBits },
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
}

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
  const values = coordinates(axes, branch);
  return axes.map(({ min, max }, i) => ((values[i] ?? min) - min) / (max - min));
}
