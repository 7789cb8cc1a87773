// Owns: reading one value out of data that may be anything: never throws, never keeps what JSON cannot say.
import type { OutputMetadata } from "@jupyterlab/nbformat";

/** A JSON object as nbformat types it. */
export type PlainObject = OutputMetadata;
export type PlainValue = PlainObject[string];
export type LooseRecord = { readonly [key: string]: unknown };

/** How deep values may be nested: more than Python's own reader takes is refused before anything recurses. */
export const MAX_DEPTH = 100;

export function isRecord(value: unknown): value is LooseRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is something else. */
export function recordOf(value: unknown): LooseRecord {
  return isRecord(value) ? value : {};
}

/** Text without lone surrogates, which no UTF-8 file and no kernel can take. */
export function cleanText(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** nbformat's multi-line string (text, or a list of lines that keep their line ends) as one string, else null. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return cleanText(value);
  if (!Array.isArray(value)) return null;
  const lines = value.filter((line): line is string => typeof line === "string");
  return lines.length === value.length ? cleanText(lines.join("")) : null;
}

/** A counter of nbformat: a whole number from 0, else null. */
export function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value + 0 : null;
}

/** The value as strict JSON: numbers finite (else null), no lone surrogates, undefined left out. */
export function cleanJson(value: unknown): PlainValue {
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
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

/** nbformat's multi-line strings joined, and JSON values as JSON. */
export function joined(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  return JSON.stringify(value) ?? "";
}
