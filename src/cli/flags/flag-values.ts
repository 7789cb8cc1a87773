// Owns: how values of flags are read. Never knows which flag they are of.
import { InvalidArgumentError } from "commander";

export function whole(text: string): number {
  const value = whole0(text);
  if (value === 0) throw new InvalidArgumentError("It must be 1 or more.");
  return value;
}

export function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

export function whole0(text: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number, and not negative.");
  return Number(text);
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
