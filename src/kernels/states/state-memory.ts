// Owns: what is remembered of states by the steps that lead to them, such as how long the last step took. It forgets the
// oldest; what it does not know is unknown, never zero.
import type { ExecutedStep } from "./recipes.ts";
import { prefixKeys } from "./recipes.ts";

/** One value a state, by its key (see `prefixKeys`). */
export class StateMemory<T> {
  readonly #most: number;
  readonly #known = new Map<string, T>();

  /** `most`: number of states. */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    return this.#known.get(key);
  }

  /** As the newest. */
  set(key: string, value: T): void {
    this.#known.delete(key);
    this.#known.set(key, value);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#most) return;
      this.#known.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#known.delete(key);
  }
}

export interface StepTimes {
  /** Takes what is known of these steps, which ran one after the other from an empty kernel. */
  learn(steps: readonly ExecutedStep[]): void;
  /** One for each step, in milliseconds; null where it is not known. */
  of(steps: readonly ExecutedStep[]): readonly (number | null)[];
}

const MOST_TIMED = 50_000;

/** How long each step of the states of a run took when it ran last. */
export function stepTimes(): StepTimes {
  const known = new StateMemory<number>(MOST_TIMED);
  return {
    learn(steps) {
      for (const [index, key] of prefixKeys(steps).entries()) {
        const durationMs = steps[index]?.durationMs;
        if (durationMs !== undefined) known.set(key, durationMs);
      }
    },
    of: (steps) => prefixKeys(steps).map((key) => known.get(key) ?? null),
  };
}
