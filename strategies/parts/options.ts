// Owns: how strategies refuse an option, in one wording. Never knows a strategy.
import { RunError } from "../../src/core/errors.ts";

/** Refuses an option. @throws RunError `bad-option` naming strategy, option, value and range. */
export function refuse(strategy: string, name: string, value: unknown, range: string): never {
  const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
  throw new RunError("bad-option", `${strategy}: ${name} is ${shown}; it must be ${range}`);
}

/** The options, each a whole number of `from` or more. @throws RunError `bad-option`. */
export function checkWhole(strategy: string, from: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isInteger(value) || value < from)
      refuse(strategy, name, value, `a whole number of ${from} or more`);
}

/** The options, each a probability or share. @throws RunError `bad-option`. */
export function checkShare(strategy: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value >= 0 && value <= 1)) refuse(strategy, name, value, "0 to 1");
}
