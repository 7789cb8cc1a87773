// Owns: an archive of elites, one a niche: what is accepted, and its numbers. Never knows where niches lie.
import { Map as PersistentMap, List } from "immutable";
import type { Branch } from "../../src/contracts/index.ts";

/** The best branch of a niche, and the fitness that the next one there must exceed. */
export interface Elite {
  readonly branch: Branch;
  readonly threshold: number;
}

/** A persistent value: adding costs the logarithm of the number of occupied niches. */
export interface Archive {
  readonly elites: PersistentMap<number, Elite>;
  /** Occupied niches, in the order of their discovery: an even draw in constant time. */
  readonly niches: List<number>;
  /** Sum of the elites' fitness. */
  readonly sum: number;
}

/** How thresholds move. With the defaults a newcomer must be better than the elite. */
export interface Acceptance {
  /** How far a threshold moves to the newcomer's fitness, 0 to 1. Default 1; below 1, a worse branch may get in. */
  readonly learningRate?: number;
  /** What a niche's first elite must exceed. Default null: anything; needed where the learning rate is below 1. */
  readonly thresholdMin?: number | null;
}

/** An archive without branches. */
export const emptyArchive: Archive = { elites: PersistentMap(), niches: List(), sum: 0 };

/**
 * The archive after a branch came to a niche. It gets in where its fitness exceeds the threshold; of equals, the
 * first stays. Source: Mouret and Clune 2015 (MAP-Elites); Fontaine and Nikolaidis 2023 (CMA-MAE's thresholds);
 * the rule of `add_single` in pyribs.
 */
export function addElite(archive: Archive, niche: number, branch: Branch, rule: Acceptance = {}): Archive {
  const { learningRate = 1, thresholdMin = null } = rule;
  const { fitness } = branch.score;
  const elite = archive.elites.get(niche);
  const threshold = elite?.threshold ?? thresholdMin ?? -Infinity;
  if (!(fitness > threshold)) return archive;
  const before = threshold === -Infinity ? 0 : threshold;
  const next: Elite = { branch, threshold: before * (1 - learningRate) + fitness * learningRate };
  return {
    elites: archive.elites.set(niche, next),
    niches: elite === undefined ? archive.niches.push(niche) : archive.niches,
    sum: archive.sum + fitness - (elite?.branch.score.fitness ?? 0),
  };
}

/** Share of the niches that are occupied. */
export function coverageOf({ elites }: Archive, niches: number): number {
  return elites.size / niches;
}

/** Sum of the elites' fitness over `offset`, the worst that fitness can be. */
export function qdScoreOf({ sum, elites }: Archive, offset = 0): number {
  return sum - elites.size * offset;
}
