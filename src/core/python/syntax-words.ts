// Owns: what Python says of brackets and quotes that do not close, where that can be seen without Python. Pure, one pass.

/** Words as Python's own, and the line that they are about, from 1. */
export interface OpenEnd {
  readonly line: number;
  readonly words: string;
  /** Whether it is a bracket that stays open. */
  readonly isOpen: boolean;
}

const CLOSES: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

interface Reached {
  readonly at: number;
  readonly line: number;
}

/** The first bracket or quote that does not match; null where all do. */
export function findOpenEnd(source: string): OpenEnd | null {
  const open: { readonly mark: string; readonly line: number }[] = [];
  let place: Reached = { at: 0, line: 1 };
  while (place.at < source.length) {
    const { at, line } = place;
    const mark = source.charAt(at);
    if (mark === "'" || mark === '"') {
      const end = endOfString(source, place);
      if ("words" in end) return end;
      place = end;
      continue;
    }
    if (mark === "#") {
      const end = source.indexOf("\n", at);
      place = { at: end < 0 ? source.length : end, line };
      continue;
    }
    if ("([{".includes(mark)) open.push({ mark, line });
    const opens = CLOSES[mark];
    if (opens !== undefined) {
      const last = open.pop();
      if (last === undefined) return { line, words: `unmatched '${mark}'`, isOpen: false };
      if (last.mark !== opens) {
        const where = last.line === line ? "" : ` on line ${last.line}`;
        const words = `closing parenthesis '${mark}' does not match opening parenthesis '${last.mark}'${where}`;
        return { line, words, isOpen: false };
      }
    }
    place = { at: at + 1, line: mark === "\n" ? line + 1 : line };
  }
  const last = open.at(-1);
  return last === undefined
    ? null
    : { line: last.line, words: `'${last.mark}' was never closed`, isOpen: true };
}

/** Behind the string that begins there. */
function endOfString(source: string, { at, line }: Reached): Reached | OpenEnd {
  const mark = source.charAt(at);
  const quote = source.startsWith(mark.repeat(3), at) ? mark.repeat(3) : mark;
  let here = line;
  for (let next = at + quote.length; next < source.length; next++) {
    const one = source.charAt(next);
    if (source.startsWith(quote, next)) return { at: next + quote.length, line: here };
    if (one === "\n" && quote.length === 1) break;
    if (one === "\\") next += 1;
    // A line end at the very end begins no line.
    if (source.charAt(next) === "\n" && next + 1 < source.length) here += 1;
  }
  const kind = quote.length === 1 ? "string" : "triple-quoted string";
  return { line, words: `unterminated ${kind} literal (detected at line ${here})`, isOpen: false };
}
