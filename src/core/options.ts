// Owns: checking the options of a public function before anything is done with them. Written for callers whose types no
// compiler has checked. Never decides what an option means.
import { RunError } from "./errors.ts";
import { didYouMean } from "./nearest-word.ts";
import { findPartFault, MODEL, TASK, type PartKind } from "./part-kinds.ts";
import { clipLine, isRecord } from "./untrusted.ts";

/** What the value of an option may be. */
export interface OptionKind {
  /** Completes "it must be ...". */
  readonly expected: string;
  /** What is wrong with the value, where more can be said than what it must be; empty where not; null when it fits. */
  findFault(value: unknown): string | null;
}

/** The kind of every option: one that a type gains must be named here too. */
export type OptionKinds<T> = { readonly [K in keyof T]-?: OptionKind };

const SHOWN = 60;

/**
 * Refuses what is no object of known options. `place`: what they are given to, such as `startRun`.
 * @throws RunError `bad-option` that names the option, what came and what is expected.
 */
export function checkOptions<T extends object>(
  place: string,
  given: T,
  kinds: OptionKinds<T>,
  required: readonly (keyof T & string)[] = [],
): void {
  const options: unknown = given;
  if (!isRecord(options))
    throw new RunError("bad-option", `the options of ${place} are ${showValue(options)}; give an object`);
  const known: Readonly<Record<string, OptionKind>> = kinds;
  const names = Object.keys(known);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    const hint = didYouMean(name, names) || `; there are ${names.join(", ")}`;
    throw new RunError("bad-option", `${place} has no option "${name}"${hint}`);
  }
  for (const name of names) {
    const value = options[name];
    if (value !== undefined || required.some((one) => one === name))
      checkValue(`${place}: ${name}`, value, known[name]);
  }
}

/** Refuses a value that is not of the kind. `place`: what it is, such as `openRuntime: task`. @throws RunError `bad-option`. */
export function checkValue(place: string, value: unknown, kind: OptionKind | undefined): void {
  const fault = kind?.findFault(value) ?? null;
  if (kind === undefined || fault === null) return;
  const why = fault === "" ? "" : ` (${fault})`;
  const what = value === undefined ? "is missing" : `is ${showValue(value)}`;
  throw new RunError("bad-option", `${place} ${what}; it must be ${kind.expected}${why}`);
}

function showValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "number" || typeof value === "bigint" || value === undefined) return String(value);
  try {
    return clipLine(JSON.stringify(value) ?? typeof value, SHOWN);
  } catch {
    return "an object"; // it has no words
  }
}

function kindOf(expected: string, accepts: (value: unknown) => boolean): OptionKind {
  return { expected, findFault: (value) => (accepts(value) ? null : "") };
}

/** Kinds that need nothing more to be said. */
export const OPTION = {
  text: kindOf("a text that is not empty", (value) => typeof value === "string" && value !== ""),
  words: kindOf("a text", (value) => typeof value === "string"),
  flag: kindOf("true or false", (value) => typeof value === "boolean"),
  callback: kindOf("a function", (value) => typeof value === "function"),
  record: kindOf("an object", isRecord),
  signal: kindOf("an AbortSignal", (value) => value instanceof AbortSignal),
  /** What has a check of its own where it is used. */
  any: kindOf("anything", () => true),
  number: kindOf("a finite number", (value) => typeof value === "number" && Number.isFinite(value)),
  positive: kindOf("a number above 0", (value) => typeof value === "number" && value > 0 && value < Infinity),
} as const;

export function whole(from: number): OptionKind {
  const accepts = (value: unknown): boolean =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= from;
  return kindOf(`a whole number of ${from} or more`, accepts);
}

export function oneOf(...words: readonly (string | null)[]): OptionKind {
  const accepts = (value: unknown): boolean => words.some((word) => word === value);
  return kindOf(`one of ${words.join(", ")}`, accepts);
}

/** One of two kinds. */
export function either(first: OptionKind, second: OptionKind): OptionKind {
  return {
    expected: `${first.expected}, or ${second.expected}`,
    findFault(value) {
      const faults = [first.findFault(value), second.findFault(value)];
      return faults.includes(null) ? null : faults.filter((fault) => fault !== "").join("; ");
    },
  };
}

export function manyOf(kind: OptionKind, what: string): OptionKind {
  return {
    expected: `a list of ${what}`,
    findFault(value) {
      if (!Array.isArray(value)) return "";
      const items: readonly unknown[] = value;
      const at = items.findIndex((item) => kind.findFault(item) !== null);
      if (at < 0) return null;
      const fault = kind.findFault(items[at]);
      return `its item ${at + 1} is ${showValue(items[at])}${fault === "" ? "" : `: ${fault ?? ""}`}`;
    },
  };
}

/** An object of further options. */
export function objectOf<T extends object>(
  kinds: OptionKinds<T>,
  required: readonly (keyof T & string)[] = [],
): OptionKind {
  return {
    expected: `an object of ${Object.keys(kinds).join(", ")}`,
    findFault(value) {
      if (!isRecord(value)) return "";
      const known: Readonly<Record<string, OptionKind>> = kinds;
      const missing = required.find((name) => value[name] === undefined);
      if (missing !== undefined) return `it has no ${missing}`;
      for (const [name, inner] of Object.entries(value)) {
        const kind = Object.hasOwn(known, name) ? known[name] : undefined;
        if (kind === undefined) return `it has no "${name}"${didYouMean(name, Object.keys(known))}`;
        if (inner !== undefined && kind.findFault(inner) !== null)
          return `its ${name} is ${showValue(inner)}, and must be ${kind.expected}`;
      }
      return null;
    },
  };
}

/** A part. `such`: how one is had, such as `loadTask gives`. */
export function partOf<T extends object>(kind: PartKind<T>, such: string): OptionKind {
  return {
    expected: `a ${kind.name}, ${such}`,
    findFault: (value) => (typeof value === "object" && value !== null ? findPartFault(kind, value) : ""),
  };
}

export const TASK_OPTION = partOf(TASK, "such as `await loadTask(path)` gives");
export const MODEL_OPTION = partOf(MODEL, "such as `offline()` or `openai({ model })` gives");
