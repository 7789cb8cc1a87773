// Owns: how a score stands to a goal: reached, equalled, bettered or short of it, and numbers as people read them. Pure: it also
// runs in a browser.
import { RunError } from "../errors.ts";
import type { Direction, Json, Task, ValidScore } from "../../contracts/index.ts";

/** What differs by less than this part of a number is the work of rounding. */
const ROUNDING = 1e-9;

/** The best known score of a task, or the target of a run, in the task's own direction. */
export interface Goal {
  readonly value: number;
  readonly direction: Direction;
  /** Only what is better by more than this part of the value is better: the rest is the same, polished. */
  readonly resolution: number;
}

/** How a score stands to a goal. */
export interface GoalStanding {
  readonly how: "better" | "equal" | "short";
  /** How far the score and the goal are apart; 0 or more. */
  readonly by: number;
}

/** Null where the task says no best known score. */
export function bestKnownOf({
  bestKnown,
  direction,
  resolution = ROUNDING,
}: Pick<Task, "bestKnown" | "direction" | "resolution">): Goal | null {
  return bestKnown === undefined ? null : { value: bestKnown, direction, resolution };
}

/** How the score, in the goal's own direction, stands to it: what rounding may have done is `equal`. */
export function standingTo(score: number, { value, direction, resolution }: Goal): GoalStanding {
  const gain = direction === "maximize" ? score - value : value - score;
  const scale = Math.abs(value);
  const how = gain > resolution * scale ? "better" : gain < -ROUNDING * scale ? "short" : "equal";
  return { how, by: Math.abs(gain) };
}

/** `name`: what the goal is. Such as `equals the best known 2.6359830849176`, `short of the best known 2.6359830849176 by 1.2e-5`. */
export function standingText(score: number, goal: Goal, name = "the best known"): string {
  const { how, by } = standingTo(score, goal);
  const what = `${name} ${goal.value}`;
  if (how === "equal") return `equals ${what}`;
  return `${how === "short" ? "short of" : "better than"} ${what} by ${showGap(by)}`;
}

/** The same where the goal is said elsewhere: `equal`, `short by 1.2e-5`, `better by 1.2e-5`. */
export function standingWords({ how, by }: GoalStanding): string {
  return how === "equal" ? how : `${how} by ${showGap(by)}`;
}

function showGap(by: number): string {
  return `${Number(by.toPrecision(2))}`;
}

/** The same behind a comma; empty where nothing is known. */
export function besideBestKnown(task: Task | null, score: number): string {
  const goal = task && bestKnownOf(task);
  return goal === null ? "" : `, ${standingText(score, goal)}`;
}

/** The best known score, and how a score stands to it; null where the task says none. */
export function bestKnownFacts(
  task: Task,
  score: number,
): ({ readonly score: number } & GoalStanding) | null {
  const goal = bestKnownOf(task);
  return goal && { score: goal.value, ...standingTo(score, goal) };
}

/** The score in the task's own direction. */
export function ownScore({ metrics, fitness }: Pick<ValidScore, "metrics" | "fitness">): number {
  return metrics["score"] ?? fitness;
}

/** The metrics besides the score, as people read them; empty where there are none. */
export function showOtherMetrics(metrics: ValidScore["metrics"]): string {
  return Object.entries(metrics)
    .filter(([name]) => name !== "score")
    .map(([name, value]) => `${name} ${showNumber(value)}`)
    .join(", ");
}

/** Whether a score, higher is better, is above one before it by more than this part of it. Default: by more than rounding. */
export function isImprovement(fitness: number, before: number, resolution = ROUNDING): boolean {
  return fitness - before > resolution * Math.abs(before);
}

/** What `target` may be said to be in a run's options and settings; null: no target. Absent: what the task says. */
export type TargetWord = number | "best-known" | null;

/** The score at which a run stops, in the task's own direction; null for none. @throws RunError `bad-option`. */
export function targetOf(
  task: Pick<Task, "name" | "target" | "bestKnown">,
  said: Json | undefined,
): number | null {
  if (said === undefined) return task.target;
  if (said === null || typeof said === "number") return said;
  if (said !== "best-known")
    throw new RunError(
      "bad-option",
      `target is ${JSON.stringify(said)}; it must be a number, "best-known", or null for none`,
    );
  if (task.bestKnown !== undefined) return task.bestKnown;
  throw new RunError(
    "bad-option",
    `target is best-known, and the task ${task.name} says no best known score (with these parameters). Give a number, or set ` +
      "nbevolve.bestKnown in the metadata of its notebook",
  );
}

/** The least fitness that reaches a target, in the task's own direction; but for rounding. */
export function fitnessOfTarget(target: number, direction: Direction): number {
  const fitness = direction === "maximize" ? target : -target;
  return fitness - ROUNDING * Math.abs(target);
}

/** The target that this least fitness is of, to fifteen digits. */
export function targetOfFitness(fitness: number, direction: Direction): number {
  const target = Number((fitness + ROUNDING * Math.abs(fitness)).toPrecision(15));
  return direction === "maximize" ? target : -target;
}

const DIGITS = 9;

/** As many digits as a person reads; the rest is in files and JSON. */
export function showNumber(value: number): string {
  // JSON has no NaN and no infinities, and says null; a stranger's journal says anything.
  if (!Number.isFinite(value)) return `${value}`;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return `${value}`;
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e9 ? value.toPrecision(DIGITS) : value.toExponential(DIGITS - 1);
}

/** Two numbers in texts as a person compares them: with the digits that one reads, or all where those are the same. */
export function showChange(before: string, after: string): readonly [before: string, after: string] {
  const [a, b] = [Number(before), Number(after)];
  if (!Number.isFinite(a) || !Number.isFinite(b) || showNumber(a) === showNumber(b)) return [before, after];
  return [showNumber(a), showNumber(b)];
}
