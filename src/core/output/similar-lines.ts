// Owns: folding runs of lines that differ in their numbers alone. The first two and the last of a run stay.
import type { Line } from "./clip.ts";

/** Lines after which a pattern may begin again: `Epoch 3/50`, its bar, its losses. */
const LONGEST_PERIOD = 4;
const FEWEST_REPEATS = 4;

/** The lines with each run of four or more similar ones (or groups of lines) as three and a count. */
export function foldSimilar(lines: readonly Line[]): Line[] {
  const known = new Map<string, string>();
  const shapes = lines.map(({ text }) => {
    const shape = known.get(text) ?? shapeOf(text);
    known.set(text, shape);
    return shape;
  });
  const telling = shapes.map(isTelling);
  const shown: Line[] = [];
  let at = 0;
  while (at < lines.length) {
    const { period, repeats } = runAt(shapes, telling, at);
    if (repeats === 0) shown.push(...lines.slice(at, ++at));
    else {
      const end = at + period * repeats;
      shown.push(...foldRun(lines.slice(at, end), period));
      at = end;
    }
  }
  return shown;
}

/** Rows of numbers alone are data worth seeing: only this many of them are a run. */
const FEWEST_ROWS = 10;

function runAt(
  shapes: readonly string[],
  telling: readonly boolean[],
  at: number,
): { readonly period: number; readonly repeats: number } {
  const isRow = shapes[at]?.includes("#") === true && telling[at] === false;
  const rows = isRow ? lengthOfRun(shapes, at, 1) : 0;
  if (rows >= FEWEST_ROWS) return { period: 1, repeats: rows };
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    if (!telling.slice(at, at + period).includes(true)) continue;
    const repeats = Math.floor(lengthOfRun(shapes, at, period) / period);
    if (repeats >= FEWEST_REPEATS) return { period, repeats };
  }
  return { period: 1, repeats: 0 };
}

function lengthOfRun(shapes: readonly string[], at: number, period: number): number {
  let length = period;
  while (at + length < shapes.length && shapes[at + length] === shapes[at + (length % period)]) length++;
  return length;
}

/** Whether the line says a word, not only numbers. */
function isTelling(shape: string): boolean {
  return /[^#\s]{3}/.test(shape.replaceAll("#", ""));
}

function foldRun(run: readonly Line[], period: number): Line[] {
  const head = run.slice(0, period === 1 ? 2 : period);
  const tail = run.slice(-period);
  const hidden = run.slice(head.length, run.length - period);
  const [first] = hidden;
  const last = hidden.at(-1);
  if (first === undefined || last === undefined) return [...run];
  const marker = {
    text: `... ${hidden.length} similar lines from line ${first.from} ...`,
    from: first.from,
    to: last.to,
  };
  return [...head, marker, ...tail];
}

/** A line with its numbers, bars and rulers as `#`. */
function shapeOf(line: string): string {
  return line
    .slice(0, 400)
    .replace(/0x[\da-f]+/gi, "#")
    .replace(/[-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi, "#")
    .replace(/\b(?:true|false|none|nan|inf|ok|yes|no)\b/gi, "#")
    .replace(/[#.,:%|=>\-+/\u2580-\u259F\u2500-\u257F]+/g, "#")
    .replace(/(?:#\s*)+/g, "#")
    .replace(/\s+/g, " ")
    .trim();
}
