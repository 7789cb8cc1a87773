// Owns: a profile's changes as text: what `models check` prints and `--profile` reads. Never guesses a field.
import { existsSync, readFileSync } from "node:fs";
import { RunError } from "../../core/errors.ts";
import type { Json } from "../../contracts/index.ts";
import { SAFE_DIALECT } from "./dialect.ts";
import type { Learnt } from "../openai/openai.ts";
import type { ProfileChanges } from "./profiles.ts";
import { isObject, parseJson } from "../openai/wire/untrusted-json.ts";

/** What a next run had better know from its beginning: where the endpoint differs from what was taken for granted. */
export function changesLearnt({ profile, dialect }: Learnt, seesImages: boolean): ProfileChanges {
  const differing = Object.entries(dialect).filter(([key, value]) => {
    const before: unknown = Object.entries(profile.dialect).find(([name]) => name === key)?.[1];
    return JSON.stringify(before) !== JSON.stringify(value);
  });
  return {
    ...(seesImages !== profile.seesImages && { seesImages }),
    ...(profile.contextTokens === null && { contextTokens: null }),
    ...(differing.length > 0 && { dialect: Object.fromEntries(differing) }),
  };
}

const FIELDS = ["contextTokens", "seesImages", "dialect", "cache", "price"];

/** JSON, or the path of a file of it. @throws RunError `bad-option` naming the field that is wrong. */
export function profileFrom(text: string): ProfileChanges {
  const isFile = !text.trimStart().startsWith("{");
  if (isFile && !existsSync(text))
    throw wrong(`there is no file ${text}; it takes JSON or the path of a file`);
  const value = parseJson(isFile ? readFileSync(text, "utf8") : text);
  if (!isObject(value)) throw wrong("it is not a JSON object");
  const unknown = Object.keys(value).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) throw wrong(`there is no field "${unknown}"; there are ${FIELDS.join(", ")}`);
  if (!isProfile(value)) throw wrong(whatIsWrong(value));
  return value;
}

function isProfile(value: Json): value is Json & ProfileChanges {
  return isObject(value) && whatIsWrong(value) === "";
}

/** Empty: nothing. */
function whatIsWrong({
  contextTokens = null,
  seesImages = false,
  dialect = {},
  cache = {},
  price = null,
}: {
  readonly [key: string]: Json;
}): string {
  if (contextTokens !== null && !(typeof contextTokens === "number" && contextTokens > 0))
    return "contextTokens is a number above 0, or null";
  if (typeof seesImages !== "boolean") return "seesImages is true or false";
  if (!isObject(dialect)) return "dialect is an object";
  const known: Readonly<Record<string, unknown>> = { ...SAFE_DIALECT };
  for (const [key, value] of Object.entries(dialect)) {
    if (known[key] === undefined) return `dialect: there is no field "${key}"`;
    if (shapeOf(known[key]) !== shapeOf(value)) return `dialect: ${key} is a ${shapeOf(known[key])}`;
  }
  const isCache = isObject(cache) && (Object.keys(cache).length === 0 || hasNumbers(cache, CACHE_NUMBERS));
  if (!isCache) return `cache has matching, ${CACHE_NUMBERS.join(", ")}`;
  const isPrice = price === null || (isObject(price) && hasNumbers(price, PRICE_NUMBERS));
  return isPrice ? "" : `price is null, or has ${PRICE_NUMBERS.join(", ")} in dollars for a million tokens`;
}

const CACHE_NUMBERS = ["minimumTokens", "lifetimeMs"];
const PRICE_NUMBERS = ["inputUsd", "cachedUsd", "cacheWriteUsd", "outputUsd"];

function hasNumbers(value: { readonly [key: string]: Json }, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "number");
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

function wrong(what: string): RunError {
  return new RunError("bad-option", `--profile: ${what}`);
}
