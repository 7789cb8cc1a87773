// Owns: careful reading of JSON that a stranger wrote. Never throws and never assumes a shape.
import type { Json, JsonObject } from "../../../contracts/index.ts";

/** Whether a value is a JSON object (not null, not a list). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectIn(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The list, or an empty one. */
export function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** The string, or an empty one. */
export function textIn(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The first of the values that is a finite number >= 0, or null. */
export function countIn(...values: readonly (Json | undefined)[]): number | null {
  const found = values.find((value) => typeof value === "number" && Number.isFinite(value) && value >= 0);
  return typeof found === "number" ? found : null;
}

/** The parsed text, or `undefined` where it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** At most `limit` characters on one line; what was left out is counted. */
export function clip(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= limit ? line : `${line.slice(0, limit)}... (${line.length - limit} more characters)`;
}
