// Owns: keyed randomness. Every draw is a function of its key; there is no global generator.
import seedrandom from "seedrandom";
import type { Random } from "../contracts/index.ts";

/** A generator keyed by a path, made on the spot: `randomAt(seed, "ask", 17)`. */
export function randomAt(...key: readonly (string | number)[]): Random {
  const next = seedrandom.alea(JSON.stringify(key));
  const int = (below: number): number => {
    if (!Number.isInteger(below) || below < 1)
      throw new RangeError(`int(below): ${below} is not a positive integer`);
    return Math.floor(next() * below);
  };
  return {
    next,
    int,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new RangeError("pick: nothing to pick from");
      return from[int(from.length)] as T;
    },
  };
}

/** A 32-bit unsigned integer that is a function of its key. */
export function seedAt(...key: readonly (string | number)[]): number {
  return randomAt(...key).int(2 ** 32);
}
