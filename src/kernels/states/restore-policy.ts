// Owns: which way to a state is taken, of those that exist: the one that costs least in all. Pure. Never takes one.

/** Ways to a kernel that holds a state, or the beginning of it. What it lacks is replayed. */
export interface Offer {
  readonly tier: "reuse" | "fork" | "thaw" | "fresh";
  /** How many of the state's steps it holds, from the first on. */
  readonly holds: number;
  /** What it takes to have the kernel, in milliseconds; an estimate. */
  readonly costMs: number;
}

/** What a step is expected to take when it was never seen to run. */
const UNKNOWN_STEP_MS = 1_000;
/** In case of doubt: what holds the state itself before what builds it anew. */
const ORDER = ["reuse", "fork", "thaw", "fresh"] as const;

/** `stepMs`: how long each step of the state took; null where that is not known. The least of equal offers: see ORDER. */
export function cheapest<O extends Offer>(
  offers: readonly O[],
  stepMs: readonly (number | null)[],
): O | null {
  const sorted = offers.toSorted(
    (one, other) =>
      wholeMs(one, stepMs) - wholeMs(other, stepMs) ||
      other.holds - one.holds ||
      ORDER.indexOf(one.tier) - ORDER.indexOf(other.tier),
  );
  return sorted[0] ?? null;
}

/** The kernel, and the replay of what it lacks. */
export function wholeMs({ costMs, holds }: Offer, stepMs: readonly (number | null)[]): number {
  return stepMs.slice(holds).reduce<number>((sum, ms) => sum + (ms ?? UNKNOWN_STEP_MS), costMs);
}
