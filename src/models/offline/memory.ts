// Owns: the lines that begin with `offline:`, which the search tools print and summaries repeat, as data.
// They are the offline model's only memory besides the notebook itself.
import { isMove, type MoveName, type MoveTallies } from "./portfolio.ts";

/** What `search.explore` reports. `start` and `end` are scores in the task's own direction. */
export interface Exploration {
  readonly move: MoveName;
  readonly seed: number;
  readonly tries: number;
  readonly start: string;
  readonly end: string;
  /** The numbers of the tries that helped, ascending from 0. */
  readonly helped: readonly number[];
}

/** What the tools print where the task declares no `problem`. */
export const NO_PROBLEM = "offline: no problem declared";

const EXPLORATION = /offline: move=(\w+) seed=(\d+) tries=(\d+) start=(\S+) end=(\S+) helped=(none|[\d,]+)/g;
const PROBLEM_FACTS = /offline: problem (?:(?!offline: problem ).)* moves=([\w,]+)/;
const TALLIES = /offline: tally((?: \w+=\d+\/\d+)+)/g;

/** Every exploration that the text reports, in order, each once. */
export function readExplorations(text: string): readonly Exploration[] {
  const found = new Map<string, Exploration>();
  for (const match of text.matchAll(EXPLORATION)) {
    const [, move = "", seed, tries, start = "", end = "", helped = ""] = match;
    if (!isMove(move)) continue;
    const numbers = helped === "none" ? [] : helped.split(",").map(Number);
    found.set(`${move} ${seed}`, {
      move,
      seed: Number(seed),
      tries: Number(tries),
      start,
      end,
      helped: numbers,
    });
  }
  return [...found.values()];
}

/** The tallies of the moves that the tools name: the last tally line in the text and the explorations after it. */
export function readTallies(text: string): MoveTallies {
  const last = [...text.matchAll(TALLIES)].at(-1);
  const base: MoveTallies = last === undefined ? {} : parseTally(last[1] ?? "");
  const after = last === undefined ? text : text.slice(last.index + last[0].length);
  return addExplorations({ ...zeroTallies(text), ...base }, readExplorations(after));
}

function zeroTallies(text: string): MoveTallies {
  const names = PROBLEM_FACTS.exec(text)?.[1]?.split(",").filter(isMove) ?? [];
  return Object.fromEntries(names.map((name) => [name, { helped: 0, explored: 0 }]));
}

/** The tallies as one line; empty where there are none. */
export function writeTallies(tallies: MoveTallies): string {
  const parts = Object.entries(tallies).map(
    ([move, { helped, explored }]) => ` ${move}=${helped}/${explored}`,
  );
  return parts.length === 0 ? "" : `offline: tally${parts.join("")}`;
}

function addExplorations(base: MoveTallies, explorations: readonly Exploration[]): MoveTallies {
  return explorations.reduce<MoveTallies>((tallies, { move, helped }) => {
    const { helped: before = 0, explored = 0 } = tallies[move] ?? {};
    return { ...tallies, [move]: { helped: before + (helped.length > 0 ? 1 : 0), explored: explored + 1 } };
  }, base);
}

function parseTally(text: string): MoveTallies {
  const entries = [...text.matchAll(/(?<!\w)(\w+)=(\d+)\/(\d+)/g)].flatMap(
    ([, move = "", helped, explored]) =>
      isMove(move) ? [[move, { helped: Number(helped), explored: Number(explored) }] as const] : [],
  );
  return Object.fromEntries(entries);
}
