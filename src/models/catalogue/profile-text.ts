// Owns: profile changes as text: what `models check` prints and `--profile` reads. Never guesses a field.
import { existsSync, readFileSync } from "node:fs";
import { RunError } from "../../core/errors.ts";
import type { Json } from "../../contracts/index.ts";
import { changedFields, SAFE_DIALECT, type Dialect } from "./dialect.ts";
import type { ModelProfile, ProfileChanges } from "./profiles.ts";
import { isJsonObject, parseJson } from "../../core/untrusted.ts";

/** What an endpoint was taken to accept, and what it accepts by now. */
export interface LearntDialect {
  readonly profile: ModelProfile;
  readonly dialect: Dialect;
}

/** The changes that make the profile right from the beginning of the next run. */
export function toProfileChanges({ profile, dialect }: LearntDialect, seesImages: boolean): ProfileChanges {
  const differing = changedFields(profile.dialect, dialect);
  return {
    ...(seesImages !== profile.seesImages && { seesImages }),
    ...(profile.contextTokens === null && { contextTokens: null }),
    ...(Object.keys(differing).length > 0 && { dialect: differing }),
  };
}

const FIELDS = ["contextTokens", "seesImages", "harness", "dialect", "cache", "price"];

/** Reads JSON, or the file at a path. @throws RunError `bad-option` that names the wrong field. */
export function readProfileChanges(text: string): ProfileChanges {
  const isFile = !text.trimStart().startsWith("{");
  if (isFile && !existsSync(text))
    throw badProfile(`there is no file ${text}; give JSON or the path of a JSON file`);
  const value = parseJson(isFile ? readFileSync(text, "utf8") : text);
  if (!isJsonObject(value)) throw badProfile("it is not a JSON object");
  const unknown = Object.keys(value).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined)
    throw badProfile(`there is no field "${unknown}"; there are ${FIELDS.join(", ")}`);
  if (!isProfileChanges(value)) throw badProfile(problemIn(value));
  return value;
}

function isProfileChanges(value: Json): value is Json & ProfileChanges {
  return isJsonObject(value) && problemIn(value) === "";
}

/** What is wrong, in words; empty where nothing is. */
function problemIn({
  contextTokens = null,
  seesImages = false,
  harness = "full",
  dialect = {},
  cache = {},
  price = null,
}: {
  readonly [key: string]: Json;
}): string {
  if (contextTokens !== null && !(typeof contextTokens === "number" && contextTokens > 0))
    return "contextTokens must be a number above 0, or null";
  if (typeof seesImages !== "boolean") return "seesImages must be true or false";
  if (harness !== "full" && harness !== "lean") return 'harness must be "full" or "lean"';
  if (!isJsonObject(dialect)) return "dialect must be an object";
  const known: Readonly<Record<string, unknown>> = { ...SAFE_DIALECT };
  for (const [key, value] of Object.entries(dialect)) {
    if (known[key] === undefined) return `dialect: there is no field "${key}"`;
    if (typeNameOf(known[key]) !== typeNameOf(value))
      return `dialect: ${key} must be a ${typeNameOf(known[key])}`;
  }
  const isCache =
    isJsonObject(cache) && (Object.keys(cache).length === 0 || hasNumbers(cache, CACHE_NUMBERS));
  if (!isCache) return `cache must have matching, ${CACHE_NUMBERS.join(", ")}`;
  const isPrice = price === null || (isJsonObject(price) && hasNumbers(price, PRICE_NUMBERS));
  return isPrice
    ? ""
    : `price must be null, or have ${PRICE_NUMBERS.join(", ")} in US dollars for a million tokens`;
}

const CACHE_NUMBERS = ["minimumTokens", "lifetimeMs"];
const PRICE_NUMBERS = ["inputUsd", "cachedUsd", "cacheWriteUsd", "outputUsd"];

function hasNumbers(value: { readonly [key: string]: Json }, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "number");
}

function typeNameOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

function badProfile(what: string): RunError {
  return new RunError("bad-option", `--profile: ${what}`);
}
