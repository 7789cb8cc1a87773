// Owns: what an episode is at, in words: the cell that runs, and the best value that it printed. What cells print is a
// stranger's: it is read by the line, and believed to be no more than words.
import { showNumber } from "../../history/index.ts";
import type { AtWork, CellAtWork } from "../../loop/at-work.ts";

/** What is done, which may be cut, and what has come of it so far. */
export interface WorkText {
  readonly doing: string;
  readonly soFar: string;
}

export function describeWork(work: AtWork): WorkText {
  switch (work.at) {
    case "cell":
      return { doing: firstLine(work), soFar: printedValue(work.printed) };
    case "search":
      return { doing: `the verifier tries ${work.tries.toLocaleString("en")} submissions`, soFar: "" };
    case "verdict":
      return { doing: "the verifier judges", soFar: "" };
  }
}

/** What the cell is for; where nobody said it, its first line that is not empty. */
function firstLine({ title, source }: CellAtWork): string {
  const lines = [title, ...source.split("\n")].map((line) => line.trim());
  return lines.find((line) => line !== "") ?? "an empty cell";
}

const NUMBER = String.raw`[-+]?\d{1,20}(?:\.\d{0,20})?(?:e[-+]?\d{1,3})?`;
/** `best=2.6`, `best so far: 2.6`, `score 0.3`, `"loss": 1e-3`. */
const VALUE = new RegExp(
  String.raw`\b(best|score|value|fitness|objective|loss|cost)\b(?: so far| score| value)?["']?\s{0,3}[:=]?\s{0,3}(${NUMBER})(?![\w.])`,
  "gi",
);
const MOST_CHARS = 2000;

/** `best 2.63598308`: the latest value that whole lines name so; the latest other value that they name; empty for none. */
export function printedValue(printed: string): string {
  const end = printed.slice(-MOST_CHARS);
  // What follows the last line's end may be half a number; so may what comes before the first, where something was cut.
  const last = Math.max(end.lastIndexOf("\n"), end.lastIndexOf("\r"));
  const first = printed.length < MOST_CHARS ? 0 : end.search(/[\r\n]/);
  const values = [...end.slice(Math.max(0, first), Math.max(0, last)).matchAll(VALUE)].map(
    ([, name = "", value = ""]) => ({ name: name.toLowerCase(), value: Number(value) }),
  );
  const latest = values.findLast(({ name }) => name === "best") ?? values.at(-1);
  return latest === undefined || !Number.isFinite(latest.value)
    ? ""
    : `${latest.name} ${showNumber(latest.value)}`;
}
