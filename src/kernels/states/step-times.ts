// Owns: how long each step of the states of a run took when it ran last. Forgets the oldest; what it does not know is
// unknown, never zero.
import type { Step } from "./recipes.ts";
import { prefixKeys } from "./recipes.ts";

const MOST_REMEMBERED = 50_000;

export interface StepTimes {
  /** Takes what is known of these steps, which ran one after the other from an empty kernel. */
  learn(steps: readonly Step[]): void;
  /** One for each step, in milliseconds; null where it is not known. */
  of(steps: readonly Step[]): readonly (number | null)[];
}

export function stepTimes(): StepTimes {
  /** By the state that the step leads to. */
  const known = new Map<string, number>();
  return {
    learn(steps) {
      for (const [index, key] of prefixKeys(steps).entries()) {
        const durationMs = steps[index]?.durationMs;
        if (durationMs !== undefined) remember(known, key, durationMs, MOST_REMEMBERED);
      }
    },
    of: (steps) => prefixKeys(steps).map((key) => known.get(key) ?? null),
  };
}

/** Sets a value as the newest of at most so many. */
export function remember<T>(known: Map<string, T>, key: string, value: T, most: number): void {
  known.delete(key);
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= most) return;
    known.delete(oldest);
  }
}
