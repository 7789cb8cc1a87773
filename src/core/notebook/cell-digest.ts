// Owns: the line that stands for a folded cell: what it is for, what it defines, what came out. Numbers are copied.
import type { Cell, CodeCell, Output } from "../../contracts/index.ts";
import { approximateTokens } from "../approximate-tokens.ts";
import { isCode, markOf } from "./notebook.ts";
import { characterBorder } from "../output/clip.ts";
import { viewOutputs } from "../output/view-outputs.ts";
import type { Signature } from "../python/defined-names.ts";
import { ownNamesOf } from "./kernel-names.ts";

/** Estimated tokens of a digest; by exact count it stays below 60. */
const MOST_TOKENS = 49;
const HEADLINE = 72;
const MOST_HEADLINE = 26;
const ERROR = 110;
const NOT_SAID =
  /^\.\.\. .*\b(?:similar lines|omitted|not kept)\b|^\[(?:png|jpeg|gif|webp|svg)[ ,].*\]$|^<[^>]* at 0x[\da-f]+>$/;

/** Estimated tokens of the names that a digest has no room for. */
const MOST_MORE = 66;

const known = new WeakMap<Cell, string>();

/** Names that the cell defines and its digest leaves out, `a,b,c`; what is too much is counted. */
export function moreNames(cell: Cell): string {
  if (!isCode(cell)) return "";
  const said = new Set(digestOf(cell).match(/\w+/g));
  const { signatures, names } = ownNamesOf(cell);
  const left = [...signatures.map(({ name }) => name), ...names].filter(
    (name) => name.length > 2 && !said.has(name),
  );
  const count = countWithin(left, MOST_MORE);
  return left.slice(0, count).join(",") + (count < left.length ? ` +${left.length - count}` : "");
}

/** `c12 34L defines baseline(X,y), model, score | out: val rmse 0.8123 | 1 img`: words, nothing that could be run. */
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
  const head = `${cell.id}${state} ${countLines(cell.source)}L`;
  const tail = [headlineOf(cell.outputs), countPictures(cell.outputs)].filter((part) => part !== "");
  const said = tail.length === 0 ? "" : ` | ${tail.join(" | ")}`;
  const room = MOST_TOKENS - approximateTokens(head + said);
  const what = describePurpose(cell, room);
  return what === "" ? head + said : `${head} ${what}${said}`;
}

/** What it defines, as far as there is room; else what it is for; else how it begins. */
function describePurpose(cell: CodeCell, room: number): string {
  const summary = keepBeginning((markOf(cell).summary ?? "").replace(/\s+/g, " ").trim(), 60);
  const own = ownNamesOf(cell);
  const signatures = own.signatures.filter(({ text }) => !summary.includes(text));
  const defined = fitNames(signatures, own.names, room - approximateTokens(summary) - 1);
  if (summary !== "" || defined !== "") return [summary, defined].filter((part) => part !== "").join(" ");
  const first = cell.source.split("\n").find((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return room < 8 ? "" : `begins: ${keepBeginning((first ?? "").trim(), Math.min(60, (room - 2) * 2))}`;
}

/** How many of the names fit; none takes less than a token. */
function countWithin(names: readonly string[], room: number): number {
  let count = Math.min(names.length, Math.max(0, Math.floor(room)));
  while (count > 0 && approximateTokens(names.slice(0, count).join(",")) > room) count -= 1;
  return count;
}

/** Signatures, then bare names of those that do not fit, then assigned names; the last ones are counted. */
function fitNames(signatures: readonly Signature[], names: readonly string[], room: number): string {
  const sayDefined = (limit: number): string => {
    const defs = signatures.map(({ name, text }, i) => (i < limit ? text : name));
    const all = [...defs, ...(names.length > 0 ? [names.join(",")] : [])];
    return all.length === 0 ? "" : `defines ${all.join(", ")}`;
  };
  for (const limit of [signatures.length, 1, 0]) {
    if (approximateTokens(sayDefined(limit)) <= room) return sayDefined(limit);
  }
  const all = [...signatures.map(({ name }) => name), ...names.toSorted(longFirst)];
  if (all.length === 0) return "";
  const count = countWithin(all, room - 3);
  return count === 0
    ? `defines ${all.length} names`
    : `defines ${all.slice(0, count).join(",")} +${all.length - count}`;
}

/** One letter is an index or a counter: it goes first. */
function longFirst(a: string, b: string): number {
  return Number(a.length < 3) - Number(b.length < 3);
}

/** The last line that says a number, else the last line; an error says its message. */
function headlineOf(outputs: readonly Output[]): string {
  const failure = outputs.findLast((output) => output.output_type === "error");
  if (failure?.output_type === "error") return `error: ${errorLine(failure.ename, failure.evalue)}`;
  const lines = viewOutputs(outputs, { maxTokens: 400 })
    .text.split("\n")
    .map((line) => line.trim().replace(/\s{2,}/g, "  "))
    .filter((line) => line !== "" && !NOT_SAID.test(line));
  const line = lines.findLast((one) => /\d/.test(one)) ?? lines.at(-1) ?? "";
  return line === "" ? "" : `out: ${short(line)}`;
}

/** Its beginning, and its end, where the last number is; shorter where it is dense with numbers. */
function short(line: string): string {
  for (let most = HEADLINE; most > 24; most -= 8) {
    const cut = keepEnds(line, most);
    if (approximateTokens(cut) <= MOST_HEADLINE) return cut;
  }
  return keepEnds(line, 24);
}

function keepEnds(line: string, most: number): string {
  if (line.length <= most) return line;
  const head = characterBorder(line, most / 2);
  const tail = characterBorder(line, line.length - most / 2);
  return `${line.slice(0, head)} ... ${line.slice(tail)}`;
}

/** Its beginning; a digest announces by its line count that there is more. */
function keepBeginning(line: string, most: number): string {
  return line.length <= most ? line : `${line.slice(0, characterBorder(line, most))}...`;
}

/** `ValueError: what was wrong`, in one line. */
export function errorLine(name: string, value: string): string {
  const line = `${name}: ${value.split("\n")[0] ?? ""}`.trim();
  return keepBeginning(line, ERROR);
}

function countPictures(outputs: readonly Output[]): string {
  const count = outputs.filter(
    (output) =>
      (output.output_type === "display_data" || output.output_type === "execute_result") &&
      Object.keys(output.data).some((mime) => /^image\/(?!svg)/.test(mime)),
  ).length;
  return count === 0 ? "" : `${count} img`;
}

function textDigest(cell: Cell): string {
  const mark = markOf(cell);
  if (mark.role === "plan" && mark.summary === undefined)
    return `${cell.id} plan ${countLines(cell.source)}L`;
  const line = mark.summary ?? cell.source.split("\n").find((one) => one.trim() !== "") ?? "";
  return `${cell.id} ${mark.role} ${countLines(cell.source)}L ${keepBeginning(line.trim(), 80)}`.trimEnd();
}

function countLines(source: string): number {
  return source.split("\n").length;
}
