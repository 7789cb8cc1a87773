// Owns: facts laid out in the columns of a terminal: what does not fit on one line goes to the next, or is cut where it can be
// spared. Pure.
import { countColumns, fitColumns } from "./screen.ts";

const BETWEEN = " · ";
const INDENT = "  ";

/** The parts in lines of at most so many columns, as few as can be. A part that is too long by itself is left to be cut. */
export function wrapParts(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = `${last}${BETWEEN}${part}`;
    if (last === undefined) lines.push(part);
    else if (countColumns(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(INDENT + part);
  }
  return lines;
}

/** Less of a text is not worth its columns. */
const LEAST = 8;

/** `head`, and the others behind it with commas; the middle is cut, or left out, so that the end is seen. */
export function fitMiddle(head: string, middle: string, tail: string, columns: number): string {
  const room = columns - countColumns(`${head}, ${tail}`);
  if (countColumns(middle) <= room) return `${head}${middle}, ${tail}`;
  return room < LEAST ? head + tail : `${head}${fitColumns(middle, room)}, ${tail}`;
}

/** How far something is, as a bar of so many columns. */
export function bar(share: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return "█".repeat(full) + "░".repeat(columns - full);
}
