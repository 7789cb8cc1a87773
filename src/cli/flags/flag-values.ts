// Owns: how the values of flags are read. Never knows which flag a value belongs to.
import { InvalidArgumentError } from "commander";
import { RunError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../contracts/index.ts";
import type { TargetWord } from "../../history/index.ts";

/** A whole number of 1 or more. @throws InvalidArgumentError. */
export function readCount(text: string): number {
  const value = readWholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be 1 or more.");
  return value;
}

/** A whole number of 0 or more. @throws InvalidArgumentError. */
export function readWholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number, and not negative.");
  return Number(text);
}

/** A number above 0, with a fraction or without. @throws InvalidArgumentError. */
export function readPositive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e6)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

/** A number of 0 or more, with a fraction or without. @throws InvalidArgumentError. */
export function readTemperature(text: string): number {
  return text.trim() !== "" && Number(text) === 0 ? 0 : readPositive(text);
}

/** What a run stops at, as it was written: see `targetFrom`. @throws InvalidArgumentError. */
export function readTarget(text: string): string {
  if (text === "none" || text === "best-known") return text;
  if (text.trim() === "" || !Number.isFinite(Number(text)))
    throw new InvalidArgumentError("It must be a number, best-known or none.");
  return text;
}

export function targetFrom(text: string | undefined): TargetWord | undefined {
  if (text === undefined || text === "best-known") return text;
  return text === "none" ? null : Number(text);
}

const UNITS = ["", "K", "M", "G", "T"] as const;

/** Bytes: `512MB`, `4GB`, `1.5g`, `1000000`, in steps of 1024. @throws InvalidArgumentError. */
export function readBytes(text: string): number {
  const [, number, unit] = /^(\d{1,15}(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const power = UNITS.findIndex((one) => one === unit?.toUpperCase());
  if (number === undefined || power < 0)
    throw new InvalidArgumentError("It must be a size such as 512MB or 4GB.");
  if (power === 0 && Number(number) < 1000)
    throw new InvalidArgumentError(`That is ${number} bytes: did you mean ${number}GB?`);
  return Math.round(Number(number) * 1024 ** power);
}

/** For a flag that may be given more than once. */
export function appendValue(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/**
 * `name=value` pairs. A value that is JSON is taken as JSON, anything else as text. `flag` is named in errors.
 * @throws RunError `bad-option`.
 */
export function parametersFrom(pairs: readonly string[], flag: string): JsonObject {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new RunError("bad-option", `${flag} ${pair}: write it as name=value`);
      const value = jsonOrText(pair.slice(at + 1));
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new RunError(
          "bad-option",
          `${flag} ${pair}: a whole number beyond 2^53 would lose digits. Write it as text: "..."`,
        );
      }
      return [pair.slice(0, at), value];
    }),
  );
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text; // Not JSON: the words themselves.
  }
}

/** The values that are there, as the journal keeps them. */
export function withoutAbsent(values: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
