// Owns: the moves that the offline model chooses from, and the choice: Thompson sampling on what helped so far.
import type { Random } from "../../contracts/index.ts";

/** Functions of the search tools by name, and what each does in words. */
export const MOVES = {
  kick: "shake some parts hard",
  relocate: "put one or two parts where they do best",
  scatter: "put up to three parts anywhere",
  swap: "exchange one variable between two parts",
  jitter: "shake all variables a little",
  restart: "begin anew from a random start and go on with mixed moves",
  evolve: "let CMA-ES search around some parts",
  symmetrise: "go towards the middle of the submission and its mirror image",
  anneal: "begin anew, with soft constraints that become hard step by step",
  reheat: "let the constraints become soft and hard again",
  refine: "take twice as many variables",
} as const;

/** Moves that any task has; of the others, those that the search tools name. */
const ALWAYS: readonly MoveName[] = ["kick", "relocate", "scatter", "swap", "jitter", "restart"];

export type MoveName = keyof typeof MOVES;

export function isMove(name: string): name is MoveName {
  return Object.hasOwn(MOVES, name);
}

/** How often a move was explored, and how often that helped. */
export interface Tally {
  readonly helped: number;
  readonly explored: number;
}
export type Tallies = Readonly<Partial<Record<MoveName, Tally>>>;

/** How often the last of a round's moves begins anew, whatever is known: a deep basin makes every other move fail. */
const RESTARTS = 0.5;
const BEGIN_ANEW: readonly MoveName[] = ["restart", "anneal"];

/**
 * `count` different moves, the most promising first: each move's chance to help is drawn from its Beta(1 + helped, 1 + not
 * helped). Source: Thompson 1933.
 */
export function chooseMoves(tallies: Tallies, count: number, random: Random): readonly MoveName[] {
  const known = Object.keys(tallies).filter(isMove);
  const drawn = [...new Set([...ALWAYS, ...known])].map((name) => {
    const { helped = 0, explored = 0 } = tallies[name] ?? {};
    return { name, chance: beta(1 + helped, 1 + explored - helped, random) };
  });
  const ranked = drawn.toSorted((a, b) => b.chance - a.chance).map(({ name }) => name);
  const chosen = ranked.slice(0, count);
  const anew = BEGIN_ANEW.filter((name) => ranked.includes(name));
  const again = random.next() < RESTARTS && count > 1 && !anew.some((name) => chosen.includes(name));
  return again ? [...chosen.slice(0, -1), random.pick(anew)] : chosen;
}

/** A draw from the Beta distribution of whole `a` and `b`. */
function beta(a: number, b: number, random: Random): number {
  const x = gamma(a, random);
  return x / (x + gamma(b, random));
}

/** A draw from the Gamma distribution of a whole shape: a sum of exponentials. */
function gamma(shape: number, random: Random): number {
  let sum = 0;
  for (let k = 0; k < shape; k++) sum -= Math.log(1 - random.next());
  return Math.max(sum, Number.MIN_VALUE);
}
