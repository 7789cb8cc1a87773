// Owns: what a model could have learnt in the rounds before, and how much of it a prompt still says, word for word.
import { namesIn } from "../../src/core/python/python-names.ts";
import type { Output } from "../../src/contracts/index.ts";
import type { PlayedRound } from "./play-trace.ts";

export interface Facts {
  /** The last number that a cell's last run printed, of three digits or more (shorter ones match by accident). */
  readonly numbers: readonly string[];
  /** Names bound at the top level of cells, of three letters or more; imports are left out. */
  readonly names: readonly string[];
  /** Beginnings of the messages of runs that failed. */
  readonly errors: readonly string[];
}

/** The facts of the rounds, dropped cells and mended errors included; each once. */
export function factsOf(rounds: readonly PlayedRound[]): Facts {
  const steps = rounds.flatMap(({ turns }) => turns.flatMap(({ step }) => step ?? []));
  const code = steps.filter(({ op }) => op === "new" || op === "edit");
  const good = code.filter(({ failed }) => !failed);
  const errors = code.flatMap(({ outputs }) => outputs).flatMap((output) => errorFact(output) ?? []);
  return {
    numbers: distinct(good.flatMap(({ outputs }) => finalNumber(outputs) ?? [])),
    names: distinct(good.flatMap(({ source }) => ownNames(source))),
    errors: distinct(errors),
  };
}

export interface Recall {
  readonly numbers: number;
  readonly names: number;
  readonly errors: number;
  readonly all: number;
}

/** The share of each kind that the text says; 1 where there is nothing to say. */
export function recallOf(facts: Facts, text: string): Recall {
  const words = new Set(text.replaceAll("\\n", "\n").match(/\w+/g));
  const seen = {
    numbers: facts.numbers.filter((number) =>
      new RegExp(`(?<![\\d.])${escapeRegExp(number)}(?!\\d)`).test(text),
    ).length,
    names: facts.names.filter((name) => words.has(name)).length,
    errors: facts.errors.filter((error) => text.includes(error)).length,
  };
  const total = facts.numbers.length + facts.names.length + facts.errors.length;
  return {
    numbers: share(seen.numbers, facts.numbers.length),
    names: share(seen.names, facts.names.length),
    errors: share(seen.errors, facts.errors.length),
    all: share(seen.numbers + seen.names + seen.errors, total),
  };
}

function ownNames(source: string): string[] {
  const { defines, imports } = namesIn(source);
  return defines.filter((name) => name.length >= 3 && !imports.includes(name));
}

/** From the plainest form of the last output that has one. */
function finalNumber(outputs: readonly Output[]): string | null {
  const text = outputs.map(plainText).join("\n");
  // oxlint-disable-next-line no-control-regex
  const bare = text.replace(/\u001B\[[0-9;]*m/g, "");
  const numbers = bare.match(/(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\d)/g) ?? [];
  const last = numbers.at(-1)?.replace(/^-/, "") ?? "";
  return last.replace(/\D/g, "").length >= 3 ? last : null;
}

function plainText(output: Output): string {
  if (output.output_type === "stream") return [output.text].flat().join("");
  if (output.output_type === "error") return "";
  const plain = output.data["text/plain"];
  return typeof plain === "string" ? plain : "";
}

function errorFact(output: Output): string | null {
  if (output.output_type !== "error") return null;
  return `${output.ename}: ${(output.evalue.split("\n")[0] ?? "").slice(0, 40)}`.trim();
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.+]/g, "\\$&");
}
