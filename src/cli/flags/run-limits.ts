// Owns: the limits of a run as the command line reads and shows them.
import { RunError } from "../../core/errors.ts";
import type { History } from "../../core/run/history.ts";
import { tokensOf, type Budget } from "../../loop/budget.ts";
import type { RunLimits } from "../../run/run-options.ts";

const LIMITS: Readonly<Record<string, keyof RunLimits>> = {
  rounds: "rounds",
  tokens: "tokens",
  usd: "costUsd",
  seconds: "seconds",
  cells: "cells",
  stagnation: "stagnation",
};

export const LIMIT_NAMES = Object.keys(LIMITS).join(", ");

/** `tokens=50000`, `usd=5`, `usd=none`. @throws RunError `bad-option`. */
export function limitsFrom(pairs: readonly string[]): RunLimits {
  const entries = pairs.map((pair) => {
    const [, name = "", value = ""] = /^([a-z]+)=(none|\d+(?:\.\d+)?)$/i.exec(pair) ?? [];
    const limit = Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
    if (limit === undefined) {
      const remedy = `write it as name=number or name=none, with a name among ${LIMIT_NAMES}`;
      throw new RunError("bad-option", `--budget ${pair}: ${remedy}`);
    }
    return [limit, value === "none" ? null : Number(value)] as const;
  });
  return Object.fromEntries(entries);
}

/** How much of each limit is used, such as `$0.42 of $1`. `seconds`: those that the budget counts. */
export function budgetTexts(run: History, budget: Budget | null, seconds: number): readonly string[] {
  if (budget === null) return [];
  const { rounds, tokens, costUsd, cells, stagnation } = budget;
  const of = (used: number, limit: number | null | undefined, unit: string): readonly string[] =>
    limit == null ? [] : [`${used.toLocaleString("en")} of ${limit.toLocaleString("en")} ${unit}`];
  return [
    ...of(run.rounds, rounds, "rounds"),
    ...of(tokensOf(run.usage), tokens, "tokens"),
    ...(costUsd == null ? [] : [`$${(run.usage.costUsd ?? 0).toFixed(4)} of $${costUsd}`]),
    ...of(Math.floor(seconds), budget.seconds, "s"),
    ...of(run.cells, cells, "cells"),
    ...of(run.told - run.bestAt, stagnation, "without a new best"),
  ];
}
