// Owns: a cell's source as a model reads it: whole, except for data that is no code (blobs and giant literals).
import { approximateTokens } from "../approximate-tokens.ts";
import { textHash, withoutBlobs } from "./blobs.ts";
import { capText, shortenLine } from "./clip.ts";

/** Sources up to this many tokens are shown as they are. */
const MOST_TOKENS = 1500;
const FEWEST_LINES = 8;
const FEWEST_CHARACTERS = 600;

/** `remedy`: the beginning of the call that shows a part; null: there is none. The source; above 1,500 tokens, runs of lines that hold only numbers or strings of data are folded, and counted. */
export function viewSource(source: string, remedy: string | null): string {
  const text = withoutBlobs(capText(source));
  if (text.length < MOST_TOKENS || approximateTokens(text.slice(0, 50_000)) <= MOST_TOKENS) return text;
  const lines = text.split("\n");
  const shown: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const end = endOfLiteral(lines, at);
    if (isLong(lines, at, end)) shown.push(...foldLiteral(lines.slice(at, end), at, remedy));
    else shown.push(...lines.slice(at, Math.max(end, at + 1)).map((line) => shortenLine(line, 2000)));
    at = Math.max(end, at + 1);
  }
  return shown.join("\n");
}

function endOfLiteral(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && (isLiteral(lines[at] ?? "") || (at > from && lines[at]?.trim() === ""))) at++;
  return at;
}

/** Whether digits and what stands between them make up nearly all of the line. */
function isLiteral(line: string): boolean {
  const text = line.trim();
  if (text === "" || !/\d/.test(text)) return false;
  const others = text.replace(/[\d\s.,;:eE+\-[\](){}'"_xja-fA-F/=*^]/g, "").length;
  return others <= Math.max(2, text.length * 0.05);
}

function isLong(lines: readonly string[], from: number, to: number): boolean {
  if (to - from >= FEWEST_LINES) return true;
  return lines.slice(from, to).reduce((sum, line) => sum + line.length, 0) > FEWEST_CHARACTERS;
}

function foldLiteral(lines: readonly string[], from: number, remedy: string | null): string[] {
  const text = lines.join("\n");
  const call = remedy === null ? "" : `; ${remedy}, from=${from + 1})`;
  const announced = `... literal data: ${lines.length} lines, ${text.length} characters #${textHash(text)}${call} ...`;
  const first = shortenLine(lines[0] ?? "", 120);
  const last = shortenLine(lines.at(-1) ?? "", 120);
  return lines.length === 1 ? [first, announced] : [first, announced, last];
}
