// Owns: the next proposal of a run: what the strategy asks for, checked, cut to the budget, with its notes and its model.
// Never plays one.
import { askMove, withNotes } from "../core/run/decide.ts";
import { partFailure } from "../core/own-part.ts";
import { withModel } from "../core/run/model-bandit.ts";
import type { History } from "../core/run/history.ts";
import type { Run } from "../core/run/run.ts";
import type { Move, Proposal, Strategy } from "../contracts/index.ts";
import { withinBudget, withinRounds, type Budget } from "./budget.ts";

export interface ProposeOptions {
  readonly budget: Budget;
  /** Rounds that an episode plays where its move does not say. */
  readonly planned: number;
  /** Seconds of this session so far. */
  readonly elapsed: number;
  /** Names of models that compete for proposals; none: there is one model. */
  readonly models: readonly string[];
}

/**
 * The strategy's next proposal; null when it wants a result first, or the budget is spent.
 * @throws RunError `strategy-failed`.
 */
export function proposeNext<P>(
  strategy: Strategy<P>,
  run: Run<P>,
  { budget, planned, elapsed, models }: ProposeOptions,
): Proposal | null {
  if (!withinBudget(run, budget, elapsed, planned)) return null;
  const move = askMove(strategy, run);
  if (move === null) return null;
  checkMove(strategy, move, run);
  const number = run.proposals + 1;
  const cut = withinRounds({ ...move, number, id: `p${number}` }, run, budget, planned);
  return withModel(withNotes(cut, run), run, models);
}

/** @throws RunError `strategy-failed` naming why the move cannot be carried out. */
function checkMove({ name, places }: Pick<Strategy, "name" | "places">, move: Move, run: History): void {
  const wrong = findFault(move, run);
  if (wrong !== null) throw partFailure({ kind: "strategy", name, place: places?.ask }, `asked for ${wrong}`);
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
function findFault(move: Move, run: History): string | null {
  if (typeof move !== "object") return `${describeValue(move)}, which is no move`;
  const { operator, parents, island, rounds, inspirations = [] } = move;
  if (!Object.hasOwn(OPERATORS, operator)) return `an unknown operator ${JSON.stringify(operator)}`;
  if (!Array.isArray(parents) || parents.length === 0) return "a move without parents";
  if (operator === "cross" && parents.length < 2) return "a crossover with one parent";
  const unknown = [...parents, ...inspirations].find((id) => !run.branches.has(id));
  if (unknown !== undefined) return `an unknown parent ${JSON.stringify(unknown)}`;
  if (!Number.isInteger(island) || island < 0) return `the island ${describeValue(island)}`;
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1))
    return `${describeValue(rounds)} rounds`;
  return findRepairFault(move);
}

function findRepairFault({ operator, repairs }: Move): string | null {
  if (operator !== "repair") return repairs === undefined ? null : `${operator} with something to repair`;
  if (repairs === undefined) return "a repair without `repairs`";
  const { notebook, kernel } = repairs.failure;
  const isWhole = notebook !== undefined && kernel !== undefined;
  return isWhole ? null : `a repair of ${repairs.proposal}, which left no notebook`;
}

/** A NaN is no null. */
function describeValue(value: unknown): string {
  return typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
}
