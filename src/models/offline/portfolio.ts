// Owns: the moves that the offline model chooses from, and the choice, by Thompson sampling on what helped so far.
import type { Random } from "../../contracts/index.ts";

/** Functions of the search tools by name, each with what it does. */
export const MOVES = {
  kick: "shake some parts hard",
  relocate: "put one or two parts where they do best",
  scatter: "put up to three parts anywhere",
  swap: "exchange one variable between two parts",
  jitter: "shake all variables a little",
  restart: "start again from a random point and continue with mixed moves",
  evolve: "let CMA-ES search around some parts",
  symmetrise: "go towards the middle of the submission and its mirror image",
  anneal: "start again, with soft constraints that become hard step by step",
  reheat: "let the constraints become soft and hard again",
  refine: "take twice as many variables",
} as const;

/** Moves that every task has. Of the others, a task has those that the search tools name. */
const ALWAYS: readonly MoveName[] = ["kick", "relocate", "scatter", "swap", "jitter", "restart"];

export type MoveName = keyof typeof MOVES;

export function isMove(name: string): name is MoveName {
  return Object.hasOwn(MOVES, name);
}

/** How often a move was explored, and how often that helped. */
export interface MoveTally {
  readonly helped: number;
  readonly explored: number;
}
export type MoveTallies = Readonly<Partial<Record<MoveName, MoveTally>>>;

/** How often the last move of a round starts again, whatever the tallies: in a deep basin every other move fails. */
const RESTART_SHARE = 0.5;
const RESTARTING_MOVES: readonly MoveName[] = ["restart", "anneal"];

/**
 * `count` different moves, the most promising first. The chance of a move to help is drawn from
 * Beta(1 + helped, 1 + not helped). Source: Thompson 1933.
 */
export function chooseMoves(tallies: MoveTallies, count: number, random: Random): readonly MoveName[] {
  const known = Object.keys(tallies).filter(isMove);
  const drawn = [...new Set([...ALWAYS, ...known])].map((name) => {
    const { helped = 0, explored = 0 } = tallies[name] ?? {};
    return { name, chance: drawBeta(1 + helped, 1 + explored - helped, random) };
  });
  const ranked = drawn.toSorted((a, b) => b.chance - a.chance).map(({ name }) => name);
  const chosen = ranked.slice(0, count);
  const restarts = RESTARTING_MOVES.filter((name) => ranked.includes(name));
  const isRestarting =
    random.next() < RESTART_SHARE && count > 1 && !restarts.some((name) => chosen.includes(name));
  return isRestarting ? [...chosen.slice(0, -1), random.pick(restarts)] : chosen;
}

/** A draw from the Beta distribution of whole `a` and `b`. */
function drawBeta(a: number, b: number, random: Random): number {
  const x = drawGamma(a, random);
  return x / (x + drawGamma(b, random));
}

/** A draw from the Gamma distribution of a whole shape: a sum of exponentials. */
function drawGamma(shape: number, random: Random): number {
  let sum = 0;
  for (let k = 0; k < shape; k++) sum -= Math.log(1 - random.next());
  return Math.max(sum, Number.MIN_VALUE);
}
