// Owns: which of the tiers' offers is taken: the one whose kernel, with the steps that it lacks, is had soonest. Pure.

/** A kernel that holds a state, or the beginning of it. What it lacks is run again. */
export interface Offer {
  readonly tier: "reuse" | "fork" | "thaw" | "fresh";
  /** How many of the state's steps it holds, from the first on. */
  readonly holds: number;
  /** What it takes to have the kernel, in milliseconds; an estimate. */
  readonly costMs: number;
}

/** What a step is expected to take when it was never seen to run. */
const UNKNOWN_STEP_MS = 1_000;
/** Between offers of equal cost that hold equally much: what holds the state itself before what builds it again. */
const ORDER = ["reuse", "fork", "thaw", "fresh"] as const;

/** The cheapest offer first. `stepMs`: how long each step of the state took; null where that is not known. */
export function sortByCost<O extends Offer>(
  offers: readonly O[],
  stepMs: readonly (number | null)[],
): readonly O[] {
  return offers.toSorted(
    (one, other) =>
      wholeMs(one, stepMs) - wholeMs(other, stepMs) ||
      other.holds - one.holds ||
      ORDER.indexOf(one.tier) - ORDER.indexOf(other.tier),
  );
}

/** The kernel, and the replay of what it lacks. */
export function wholeMs({ costMs, holds }: Offer, stepMs: readonly (number | null)[]): number {
  return stepMs.slice(holds).reduce<number>((sum, ms) => sum + (ms ?? UNKNOWN_STEP_MS), costMs);
}
