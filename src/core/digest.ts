// Owns: the line that stands for a folded cell: what it is for, what it defines, what came out. Numbers are copied.
import type { Cell, CodeCell, Output } from "../spec/index.ts";
import { approximateTokens } from "./approximate-tokens.ts";
import { isCode, markOf } from "./notebook.ts";
import { wholeCharacter } from "./output/cap.ts";
import { shortLine } from "./output/long-lines.ts";
import { viewOutputs } from "./output/view-outputs.ts";
import { namesIn } from "./python-names.ts";
import { signaturesIn } from "./signatures.ts";

/** Estimated tokens of a digest; by exact count it stays below 60. */
const MOST_TOKENS = 50;
const HEADLINE = 90;
const NOT_SAID = /^\.\.\. .*\b(?:similar lines|omitted|not kept)\b|^\[(?:png|jpeg|gif|webp|svg)[ ,].*\]$/;

const known = new WeakMap<Cell, string>();

/** `c12 34L def baseline(X,y) => model,score | val rmse 0.8123 | 1 img`. */
export function digestOf(cell: Cell): string {
  const seen = known.get(cell);
  if (seen !== undefined) return seen;
  const digest = isCode(cell) ? codeDigest(cell) : textDigest(cell);
  known.set(cell, digest);
  return digest;
}

function codeDigest(cell: CodeCell): string {
  const mark = markOf(cell);
  const state = mark.state === undefined || mark.state === "clean" ? "" : ` ${mark.state}`;
  const head = `${cell.id}${state} ${linesIn(cell.source)}L`;
  const tail = [headline(cell.outputs), pictures(cell.outputs)].filter((part) => part !== "");
  const said = tail.length === 0 ? "" : ` | ${tail.join(" | ")}`;
  const room = MOST_TOKENS - approximateTokens(head + said);
  const what = purpose(cell, room);
  return what === "" ? head + said : `${head} ${what}${said}`;
}

/** What it defines, as far as there is room; else what it is for; else how it begins. */
function purpose(cell: CodeCell, room: number): string {
  const summary = shortLine((markOf(cell).summary ?? "").replace(/\s+/g, " ").trim(), 60);
  const signatures = signaturesIn(cell.source);
  const { defines, imports } = namesIn(cell.source);
  const own = new Set([...imports, ...signatures.map(({ name }) => name)]);
  const names = defines.filter((name) => !own.has(name) && !name.startsWith("_"));
  const defined = fitting(signatures, names, room - approximateTokens(summary));
  if (summary !== "" || defined !== "") return [summary, defined].filter((part) => part !== "").join(" ");
  const first = cell.source.split("\n").find((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return shortLine((first ?? "").trim(), Math.max(16, Math.min(60, room * 3)));
}

/** Signatures, then bare names of those that do not fit, then assigned names; the last ones are counted. */
function fitting(
  signatures: readonly { readonly name: string; readonly text: string }[],
  names: readonly string[],
  room: number,
): string {
  const short = (limit: number): string => {
    const defs = signatures.map(({ name, text }, i) => (i < limit ? text : name));
    return [defs.join(" "), names.length > 0 ? `=> ${names.join(",")}` : ""].filter(Boolean).join(" ");
  };
  for (const limit of [signatures.length, 1, 0]) {
    if (approximateTokens(short(limit)) <= room) return short(limit);
  }
  const all = [...signatures.map(({ name }) => name), ...names];
  let count = all.length;
  while (count > 0 && approximateTokens(all.slice(0, count).join(",")) > room - 3) count -= 1;
  if (all.length === 0) return "";
  return count === 0 ? `${all.length} names` : `=> ${all.slice(0, count).join(",")} +${all.length - count}`;
}

/** The last line that says a number, else the last line; an error says its message. */
function headline(outputs: readonly Output[]): string {
  const failure = outputs.findLast((output) => output.output_type === "error");
  if (failure?.output_type === "error") return `! ${errorLine(failure.ename, failure.evalue)}`;
  const lines = viewOutputs(outputs, { maxTokens: 400 })
    .text.split("\n")
    .map((line) => line.trim().replace(/\s{2,}/g, "  "))
    .filter((line) => line !== "" && !NOT_SAID.test(line));
  const line = lines.findLast((one) => /\d/.test(one)) ?? lines.at(-1) ?? "";
  return short(line);
}

/** Its beginning, and its end, where the last number is. */
function short(line: string): string {
  if (line.length <= HEADLINE) return line;
  const head = wholeCharacter(line, HEADLINE / 2);
  const tail = wholeCharacter(line, line.length - HEADLINE / 2);
  return `${line.slice(0, head)} ... ${line.slice(tail)}`;
}

/** `ValueError: what was wrong`, in one line. */
export function errorLine(name: string, value: string): string {
  return shortLine(`${name}: ${value.split("\n")[0] ?? ""}`.trim(), 90);
}

function pictures(outputs: readonly Output[]): string {
  const count = outputs.filter(
    (output) =>
      (output.output_type === "display_data" || output.output_type === "execute_result") &&
      Object.keys(output.data).some((mime) => /^image\/(?!svg)/.test(mime)),
  ).length;
  return count === 0 ? "" : `${count} img`;
}

function textDigest(cell: Cell): string {
  const mark = markOf(cell);
  const line = mark.summary ?? cell.source.split("\n").find((one) => one.trim() !== "") ?? "";
  return `${cell.id} ${mark.role} ${linesIn(cell.source)}L ${shortLine(line.trim(), 80)}`.trimEnd();
}

function linesIn(source: string): number {
  return source.split("\n").length;
}
