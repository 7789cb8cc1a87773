// Owns: the lines that begin with `offline:` - what the search tools print and summaries repeat - as data.
// They are the offline model's only memory besides the notebook itself.
import { isMove, type MoveName, type Tallies } from "./portfolio.ts";

/** What `search.explore` reports. `start` and `end` are in the task's own direction. */
export interface Exploration {
  readonly move: MoveName;
  readonly seed: number;
  readonly tries: number;
  readonly start: string;
  readonly end: string;
  /** The numbers of the tries that helped, ascending. */
  readonly helped: readonly number[];
}

/** The tools print it where the task declares no `problem`. */
export const NO_PROBLEM = "offline: no problem declared";

const EXPLORATION = /offline: move=(\w+) seed=(\d+) tries=(\d+) start=(\S+) end=(\S+) helped=(none|[\d,]+)/g;
const FACTS = /offline: problem .* moves=([\w,]+)/;
const TALLIES = /offline: tally((?: \w+=\d+\/\d+)+)/g;

/** Every exploration that the text tells of, in order, each once. */
export function explorationsIn(text: string): readonly Exploration[] {
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

/** What is known of the moves: those that the tools name, the last tally in the text, the explorations told of after it. */
export function talliesIn(text: string): Tallies {
  const last = [...text.matchAll(TALLIES)].at(-1);
  const base: Tallies = last === undefined ? {} : parseTally(last[1] ?? "");
  const after = last === undefined ? text : text.slice(last.index + last[0].length);
  return withExplorations({ ...untried(text), ...base }, explorationsIn(after));
}

function untried(text: string): Tallies {
  const names = FACTS.exec(text)?.[1]?.split(",").filter(isMove) ?? [];
  return Object.fromEntries(names.map((name) => [name, { helped: 0, explored: 0 }]));
}

/** The tally as a line. */
export function tallyLine(tallies: Tallies): string {
  const parts = Object.entries(tallies).map(
    ([move, { helped, explored }]) => ` ${move}=${helped}/${explored}`,
  );
  return parts.length === 0 ? "" : `offline: tally${parts.join("")}`;
}

function withExplorations(base: Tallies, explorations: readonly Exploration[]): Tallies {
  return explorations.reduce<Tallies>((tallies, { move, helped }) => {
    const { helped: before = 0, explored = 0 } = tallies[move] ?? {};
    return { ...tallies, [move]: { helped: before + (helped.length > 0 ? 1 : 0), explored: explored + 1 } };
  }, base);
}

function parseTally(text: string): Tallies {
  const entries = [...text.matchAll(/(\w+)=(\d+)\/(\d+)/g)].flatMap(([, move = "", helped, explored]) =>
    isMove(move) ? [[move, { helped: Number(helped), explored: Number(explored) }] as const] : [],
  );
  return Object.fromEntries(entries);
}
