// Owns: everything that the command line writes to standard output and standard error. What cells, models, verifiers and
// files say goes through one encoder, so that no text moves a cursor, sets a title or turns its reading around: on a
// terminal, and in a pipe that ends on one later. Own colours are put around what was encoded.
import process, { stderr, stdout } from "node:process";
import { errorCode, messageOf } from "../../core/errors.ts";
import { EXIT } from "../exit-codes.ts";

export { stderr as errorStream } from "node:process";

let errorStreamLost = false;
let outputLost: string | null = null;
// A reader that goes away, or a terminal that is closed, ends no command: what nobody reads is lost, and the command goes on.
stderr.on("error", () => (errorStreamLost = true));
stdout.on("error", (problem) => {
  if (!isReaderGone(problem)) outputLost ??= messageOf(problem);
});
process.once("exit", () => {
  if (outputLost === null) return;
  printError(`nbevolve: standard output is not whole: ${outputLost}. Make room, or write it elsewhere.`);
  process.exitCode ||= EXIT.failed;
});

/** A pipe without a reader, a terminal without a window. What is written after that finds the stream ended. */
function isReaderGone(problem: Error): boolean {
  const code = errorCode(problem);
  return ["EPIPE", "EIO", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"].some((one) => one === code);
}

/** Whether what was written to standard error reaches nobody. */
export function isErrorStreamLost(): boolean {
  return errorStreamLost;
}

/** A line, or lines, on standard output. The last line break may be left out. */
export function print(text: string): void {
  stdout.write(endLine(encodeText(text)));
}

/** The same on standard error. */
export function printError(text: string): void {
  stderr.write(endLine(encodeText(text)));
}

function endLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** A value as JSON on standard output: the same value for whoever reads it, and nothing that a terminal obeys. */
export function printJson(value: unknown): void {
  stdout.write(`${encodeJson(value)}\n`);
}

/** Controls but tab and line break, formats (bidi, zero-width, tags), line separators, halves of characters. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u{E0000}-\u{E007F}]/gu;
/** What joins the parts of one emoji. */
const JOINER =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})/gu;
/** Stands for a joiner while the others are taken out. No text has it: it is no character. */
const KEPT = "\uFDD0";

/** The text with a visible sign in place of each character that a terminal would obey or not show. */
export function encodeText(text: string): string {
  const plain = text.replaceAll("\r\n", "\n").replaceAll(KEPT, "\uFFFD").replaceAll(JOINER, KEPT);
  return plain.replaceAll(UNSEEN, signFor).replaceAll(KEPT, "\u200D");
}

/** Unicode's own pictures of the controls of ASCII; one sign for all others. */
function signFor(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\uFFFD";
}

/** The value as JSON of printable characters. */
export function encodeJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replaceAll(UNSEEN, (character) => {
    const known = escapes.get(character) ?? escapeCharacter(character);
    escapes.set(character, known);
    return known;
  });
}

/** There are a few thousand characters that need one, and a text may consist of them. */
const escapes = new Map<string, string>();

function escapeCharacter(character: string): string {
  const codes = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return codes.map((code) => `\\u${code.toString(16).padStart(4, "0")}`).join("");
}

/** Scripts and pictures that take two columns. Source: Unicode 17, EastAsianWidth.txt, W and F. */
const WIDE =
  /[\u1100-\u115F\u2329\u232A\u2630-\u2637\u268A-\u268F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{191FF}\u{1AFF0}-\u{1B2FF}\u{1D300}-\u{1D376}\u{1F1AE}\u{1F200}-\u{1F265}\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
/** What stands on the character before it, or joins it to the next. */
const NO_COLUMN = /[\p{Mn}\p{Me}\u200D]/u;
/** Makes a picture of the character before it. */
const PICTURE = "\uFE0F";
const NARROW_ONLY = /^[\u0020-\u007E]*$/;
const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The text, encoded, on one line of at most so many columns of a terminal. */
export function fitColumns(text: string, columns: number): string {
  // More than that is cut off in any case; a letter may have marks.
  const line = encodeText(text.slice(0, 20 * columns)).replaceAll(/[\t\n]/g, " ");
  if (NARROW_ONLY.test(line)) return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
  let used = 0;
  let kept = "";
  let fits = "";
  for (const { segment } of letters.segment(line)) {
    used += columnsOf(segment);
    if (used > columns) return `${fits}…`;
    kept += segment;
    if (used < columns) fits = kept;
  }
  return kept;
}

/** How many columns of a terminal the text takes. */
export function countColumns(text: string): number {
  const line = encodeText(text);
  if (NARROW_ONLY.test(line)) return line.length;
  return columnsOf(line);
}

/** As many as any terminal takes: some draw the parts of a letter beside each other. */
function columnsOf(text: string): number {
  let columns = 0;
  let last = 0; // columns of the character that marks stand on
  for (const character of text) {
    if (character === PICTURE) {
      columns += 2 - last;
      last = 2;
    } else if (character <= "~") {
      columns += 1;
      last = character < " " ? 0 : 1;
    } else if (!NO_COLUMN.test(character)) {
      last = WIDE.test(character) ? 2 : 1;
      columns += last;
    }
  }
  return columns;
}

/** The rows as lines, each column as wide as its widest text. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
