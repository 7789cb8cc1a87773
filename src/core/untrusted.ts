// Owns: careful reading of data that a stranger wrote: notebooks, kernels' messages, models' replies. Never throws.
import type { OutputMetadata } from "@jupyterlab/nbformat";
import type { Json, JsonObject } from "../contracts/index.ts";

/** A JSON object as nbformat types it. */
export type PlainObject = OutputMetadata;
export type PlainValue = PlainObject[string];
export type LooseRecord = { readonly [key: string]: unknown };

/** How deep values may be nested: more than Python's own reader takes is refused before anything recurses. */
export const MAX_DEPTH = 100;

/** Whether a value is an object: not null, not a list. */
export function isRecord(value: unknown): value is LooseRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isRecord(value);
}

/** The object; an empty one for anything else. */
export function recordOf(value: Json | undefined): JsonObject;
export function recordOf(value: unknown): LooseRecord;
export function recordOf(value: unknown): LooseRecord {
  return isRecord(value) ? value : {};
}

/** The list; an empty one for anything else. */
export function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

/** The strings of a list; none for anything else. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

/** As `Array.isArray`, which does not narrow a readonly list. */
function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The string; an empty one for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value as text: a string as it is, nbformat's list of lines joined, anything else as JSON; empty where it nests too deep. */
export function mimeText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  return isDeeperThan(value, MAX_DEPTH) ? "" : (JSON.stringify(value) ?? "");
}

/** The first of the values that is a whole number from 0; null when none is. */
export function countOf(...values: readonly unknown[]): number | null {
  const count = values.find(
    (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
  );
  return typeof count === "number" ? count + 0 : null;
}

/** The text parsed as JSON; undefined where it is not JSON, or nests deeper than anything that is read here. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isDeeperThan(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Characters that are looked at of a text that is to be one line. */
const MOST_LOOKED_AT = 1_000_000;

/** At most `limit` characters on one line, with a count of those left out. */
export function clipLine(text: string, limit: number): string {
  const line = text.slice(0, MOST_LOOKED_AT).replaceAll(/\s+/g, " ").trim();
  const left = line.length - limit + Math.max(0, text.length - MOST_LOOKED_AT);
  return left <= 0 ? line : `${line.slice(0, limit)}... (${left} more characters)`;
}

/** At most `limit` characters, with a count of those left out; its lines stay. */
export function clipText(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}... (${text.length - limit} more characters)`;
}

const MOST_NAME = 200;

/** The name of an error that a stranger raised, on one line. */
export function errorName(value: unknown): string {
  return clipLine(mimeText(value).slice(0, 10 * MOST_NAME), MOST_NAME) || "Error";
}

/** Text without lone surrogates, which no UTF-8 file and no kernel can take. */
export function cleanText(text: string): string {
  return text.replace(/\p{Surrogate}+/gu, (run) => "\uFFFD".repeat(run.length));
}

/** The source of a cell as Jupyter's editors leave it: no lone surrogates, and no other line ends than LF. */
export function cleanSource(text: string): string {
  return cleanText(text).replaceAll(/\r\n?/g, "\n");
}

/** nbformat's multi-line string (text, or a list of lines that keep their line ends) as one string, else null. */
export function multilineOf(value: unknown): string | null {
  if (typeof value === "string") return cleanText(value);
  if (!Array.isArray(value)) return null;
  const lines = value.filter((line): line is string => typeof line === "string");
  return lines.length === value.length ? cleanText(lines.join("")) : null;
}

/** The value as strict JSON: numbers finite (else null), no lone surrogates, undefined left out. */
export function cleanJson(value: Json): Json;
export function cleanJson(value: unknown): PlainValue;
export function cleanJson(value: unknown): Json | PlainValue {
  if (typeof value === "string") return cleanText(value);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cleanJson(item) ?? null);
  return isRecord(value) ? cleanObject(value) : null;
}

/** The same for an object; anything else becomes an empty one. */
export function cleanObject(value: unknown): PlainObject {
  const entries = Object.entries(recordOf(value)).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [cleanText(key), cleanJson(item)]));
}

/** Whether the value nests deeper than `levels`. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  return measureJson(value, levels, Infinity) !== null;
}

/** Which of the two is too much for a value that was JSON; null where neither is. Looks no further than that. */
export function measureJson(value: unknown, levels: number, items: number): "deep" | "large" | null {
  let left = items;
  const look = (part: unknown, levelsLeft: number): "deep" | "large" | null => {
    left -= 1;
    if (left < 0) return "large";
    if (typeof part !== "object" || part === null) return null;
    if (levelsLeft === 0) return "deep";
    for (const item of Array.isArray(part) ? part : Object.values(part)) {
      const found = look(item, levelsLeft - 1);
      if (found !== null) return found;
    }
    return null;
  };
  return look(value, levels);
}
