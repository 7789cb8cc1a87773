// Owns: the list of runs as rows: which of them are wanted, and in which order. Pure.
import { tokensOf } from "../../core/run/usage.ts";
import type { ListedFacts, ListedRun } from "../../contracts/index.ts";

/** What the list can be sorted by. */
export const SORTS = [
  "run",
  "standing",
  "best",
  "task",
  "model",
  "strategy",
  "seed",
  "proposals",
  "failures",
  "tokens",
  "money",
  "time",
] as const;
export type RunSort = (typeof SORTS)[number];

/** Runs whose name, task, model or strategy has all the words. */
export function findRuns(runs: readonly ListedRun[], words: string): readonly ListedRun[] {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return runs.filter(({ name, facts }) => {
    const text = [name, facts?.task, facts?.model, facts?.strategy, facts?.standing].join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** Those without the value come last, whichever way. */
export function sortRuns(runs: readonly ListedRun[], by: RunSort, isDown: boolean): readonly ListedRun[] {
  const values = new Map(runs.map((run) => [run, valueOf(run, by)]));
  return runs.toSorted((a, b) => {
    const [left = null, right = null] = [values.get(a), values.get(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const order = typeof left === "number" && typeof right === "number" ? left - right : compareTexts(`${left}`, `${right}`);
    return (isDown ? -order : order) || compareTexts(a.name, b.name);
  });
}

const { compare: compareTexts } = new Intl.Collator("en", { numeric: true });

function valueOf({ name, facts }: ListedRun, by: RunSort): number | string | null {
  if (by === "run") return name;
  if (facts === null) return null;
  const value = {
    standing: facts.standing,
    task: facts.task,
    model: facts.model,
    strategy: facts.strategy,
    seed: facts.seed,
    best: facts.direction === "maximize" ? facts.best : -facts.best,
    proposals: facts.proposals,
    failures: facts.failures,
    tokens: tokensOf(facts.usage),
    money: facts.usage.costUsd,
    time: timeOf(facts),
  }[by];
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}

/** Milliseconds from its beginning to its latest event; null where that is not known. */
export function timeOf({ startedMs, latestMs }: ListedFacts): number | null {
  return startedMs === null || latestMs === null ? null : latestMs - startedMs;
}

/** Names in an address; a name may have any letters. */
export function readNames(option: string | undefined): readonly string[] {
  const names = (option ?? "").split(",").filter((name) => name !== "");
  return [...new Set(names.map(decodeName))];
}

export function writeNames(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(",");
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
