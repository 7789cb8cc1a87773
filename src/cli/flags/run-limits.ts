// Owns: the limits of a run as the command line reads and shows them.
import { RunError } from "../../core/errors.ts";
import type { History } from "../../core/run/history.ts";
import { tokensOf } from "../../core/run/usage.ts";
import type { Budget } from "../../loop/budget.ts";
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

/** A limit of a run besides its proposals, and how much of it is used. */
export interface LimitUse {
  readonly limit: keyof RunLimits;
  readonly used: number;
  readonly most: number;
  /** Such as `$0.42 of $1`. */
  readonly text: string;
}

/** How much of each limit is used. `seconds`: those that the budget counts. */
export function limitUses(run: History, budget: Budget | null, seconds: number): readonly LimitUse[] {
  const used: readonly (readonly [keyof RunLimits, used: number, unit: string])[] = [
    ["rounds", run.rounds, "rounds"],
    ["tokens", tokensOf(run.usage), "tokens"],
    ["costUsd", run.usage.costUsd ?? 0, ""],
    ["seconds", Math.floor(seconds), "s"],
    ["cells", run.cells, "cells"],
    ["stagnation", run.told - run.bestAt, "without a new best"],
  ];
  return used.flatMap(([limit, count, unit]) => {
    const most = budget?.[limit] ?? null;
    if (most === null) return [];
    const text =
      limit === "costUsd"
        ? `$${count.toFixed(4)} of $${most}`
        : `${count.toLocaleString("en")} of ${most.toLocaleString("en")} ${unit}`;
    return [{ limit, used: count, most, text }];
  });
}
