// Owns: shortening texts and lines to a limit. What is left out is counted, with the call that shows it.
import { approximateTokens } from "../approximate-tokens.ts";

/** One line of a view. `from` and `to` count lines of the whole output from 1; both ends included. */
export interface Line {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Each line of a text as itself. */
export function linesOf(text: string): Line[] {
  return text.split("\n").map((line, i) => ({ text: line, from: i + 1, to: i + 1 }));
}

export interface ClipLimits {
  readonly maxLines: number;
  readonly maxTokens: number;
  /** Counts the tokens of a text. Default `approximateTokens`. */
  readonly countTokens?: ((text: string) => number) | undefined;
  /** The call that shows what is missing, for the number of its first line. */
  readonly remedy?: ((from: number) => string) | undefined;
}

/** Keeps the first 60% and the last 40% of the lines and says how many are missing. */
export function clipLines(text: string, maxLines: number, maxColumns: number): string {
  const lines = linesOf(capText(text)).map((line) => ({ ...line, text: shortenLine(line.text, maxColumns) }));
  return clipToLimits(lines, { maxLines, maxTokens: Infinity });
}

/** The lines as a text within the limits. */
export function clipToLimits(lines: readonly Line[], limits: ClipLimits): string {
  const { maxLines, maxTokens, countTokens = approximateTokens } = limits;
  const whole = lines.map(({ text }) => text).join("\n");
  const fits = whole.length <= maxTokens || countTokens(whole) <= maxTokens;
  if (lines.length <= maxLines && fits) return whole;
  const size = ({ text }: Line): number => (maxTokens === Infinity ? 0 : countTokens(text) + 1);
  const announced = maxTokens === Infinity ? 0 : 30;
  const room = Math.max(0, maxTokens - announced);
  const head = countFitting(lines, size, Math.ceil(maxLines * 0.6), room * 0.6);
  const tail = countFitting(
    lines.slice(head).reverse(),
    size,
    Math.max(1, maxLines - Math.ceil(maxLines * 0.6)),
    room * 0.4,
  );
  const hidden = lines.slice(head, lines.length - tail);
  if (hidden.length === 0) return whole;
  const textsOf = (some: readonly Line[]): string[] => some.map(({ text }) => text);
  return [
    ...textsOf(lines.slice(0, head)),
    announceHidden(hidden, limits),
    ...textsOf(lines.slice(lines.length - tail)),
  ]
    .filter((line, i, all) => line !== "" || (i > 0 && i < all.length - 1))
    .join("\n");
}

/** How many of the first lines fit. */
function countFitting(
  lines: readonly Line[],
  size: (line: Line) => number,
  maxLines: number,
  maxTokens: number,
): number {
  let left = maxTokens;
  let count = 0;
  for (const line of lines.slice(0, maxLines)) {
    left -= size(line);
    if (left < 0) break;
    count += 1;
  }
  return count;
}

function announceHidden(
  hidden: readonly Line[],
  { countTokens = approximateTokens, remedy }: ClipLimits,
): string {
  const from = hidden[0]?.from ?? 1;
  const lines = (hidden.at(-1)?.to ?? from) - from + 1;
  const sample = hidden.map(({ text }) => text).join("\n");
  const tokens = roundTokens(countTokens(sample.slice(0, 20_000)) * Math.max(1, sample.length / 20_000));
  const size = `${lines} ${lines === 1 ? "line" : "lines"} (~${tokens} tokens) omitted`;
  return remedy === undefined ? `... ${size} ...` : `... ${size}; ${remedy(from)}`;
}

/** `87`, `640`, `6k`. */
function roundTokens(tokens: number): string {
  if (tokens >= 1000) return `${Math.round(tokens / 1000)}k`;
  return String(tokens < 100 ? Math.round(tokens) : Math.round(tokens / 10) * 10);
}

/** The line, or its first 70% and last 30% with the number of characters in between. */
export function shortenLine(line: string, maxColumns: number): string {
  if (line.length <= maxColumns) return line;
  const head = characterBorder(line, Math.ceil(maxColumns * 0.7));
  const tail = characterBorder(line, line.length - Math.floor(maxColumns * 0.3));
  return `${line.slice(0, head)} ... ${tail - head} characters omitted ... ${line.slice(tail)}`;
}

/** Characters of one text that the pipeline looks at; the notebook keeps all of it. */
export const MOST_CHARACTERS = 1_000_000;

/** The first 60% and the last 40% of a text that is longer than `most`, cut at line borders where there are any. */
export function capText(text: string, most: number = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const head = cutBack(text, Math.floor(most * 0.6));
  const tail = cutForward(text, text.length - Math.floor(most * 0.4));
  return `${text.slice(0, head)}\n... ${tail - head} characters were not kept ...\n${text.slice(tail)}`;
}

/** A line border shortly before `at`, else a place that splits no surrogate pair. */
function cutBack(text: string, at: number): number {
  const border = text.lastIndexOf("\n", at);
  return border > at - 2000 && border > 0 ? border : characterBorder(text, at);
}

function cutForward(text: string, at: number): number {
  const border = text.indexOf("\n", at);
  return border >= 0 && border < at + 2000 ? border + 1 : characterBorder(text, at);
}

/** `at`, or one less where `at` is between the halves of a surrogate pair. */
export function characterBorder(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
