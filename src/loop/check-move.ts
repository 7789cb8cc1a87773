// Owns: whether a strategy's move can be carried out. Never changes one.
import { RunError } from "../core/errors.ts";
import type { Run } from "../core/run/run.ts";
import type { Move, Strategy } from "../contracts/index.ts";

/** The move, when it can be carried out. @throws RunError `strategy-failed` naming what is wrong with it. */
export function checkMove({ name, places }: Pick<Strategy, "name" | "places">, move: Move, run: Run): Move {
  const wrong = wrongWith(move, run);
  if (wrong === null) return move;
  const place = places?.ask === undefined ? "" : ` (in ask, ${places.ask})`;
  const message = `strategy "${name}" asked for ${wrong}${place}. Mend the strategy and resume.`;
  throw new RunError("strategy-failed", message);
}

/** A strategy's; `inject` is people's alone. */
const OPERATORS: Readonly<Record<Exclude<Move["operator"], "inject">, true>> = {
  draft: true,
  improve: true,
  repair: true,
  cross: true,
  restart: true,
  simplify: true,
};

/** Written for moves of users' own, which no compiler may have seen. */
function wrongWith(move: Move, run: Run): string | null {
  if (typeof move !== "object") return `${shown(move)}, which is no move`;
  const { operator, parents, island, rounds, inspirations = [] } = move;
  if (!Object.hasOwn(OPERATORS, operator)) return `an unknown operator ${JSON.stringify(operator)}`;
  if (!Array.isArray(parents) || parents.length === 0) return "a move without parents";
  if (operator === "cross" && parents.length < 2) return "a crossover with one parent";
  const unknown = [...parents, ...inspirations].find((id) => !run.branches.has(id));
  if (unknown !== undefined) return `an unknown parent ${JSON.stringify(unknown)}`;
  if (!Number.isInteger(island) || island < 0) return `the island ${shown(island)}`;
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) return `${shown(rounds)} rounds`;
  return wrongRepair(move);
}

function wrongRepair({ operator, repairs }: Move): string | null {
  if (operator !== "repair") return repairs === undefined ? null : `${operator} with something to repair`;
  if (repairs === undefined) return "a repair without `repairs`";
  const { notebook, kernel } = repairs.failure;
  const isWhole = notebook !== undefined && kernel !== undefined;
  return isWhole ? null : `a repair of ${repairs.proposal}, which left no notebook`;
}

/** A NaN is no null. */
function shown(value: unknown): string {
  return typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
}
