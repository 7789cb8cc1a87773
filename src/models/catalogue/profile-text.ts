// Owns: profile changes as text: what `models check` prints and `--profile` reads. Never guesses a field.
import { existsSync, readFileSync } from "node:fs";
import { RunError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../contracts/index.ts";
import { changedFields, DIALECT_WORDS, SAFE_DIALECT, type Dialect } from "./dialect.ts";
import type { ModelProfile, ProfileChanges } from "./profiles.ts";
import { isJsonObject, parseJson, recordOf, stringOf } from "../../core/untrusted.ts";
import { decodeText } from "../../core/decode-text.ts";
import { messageOf } from "../../core/errors.ts";

/** What an endpoint was taken to accept, and what it accepts by now. */
export interface LearntDialect {
  readonly profile: ModelProfile;
  /** The window that the server states; null where it does not, or where the profile knows it. */
  readonly windowTokens: number | null;
  readonly dialect: Dialect;
}

/** What a check saw of a model. */
export interface SeenFacts {
  readonly seesImages: boolean;
  /** Tokens that were read from the cache. */
  readonly cachedTokens: number;
  /** Native calls came without repairs, and a round was closed on demand. */
  readonly isAble: boolean;
}

/** How long a prompt is taken to stay in a cache that was seen, whose rules are not known. */
const SEEN_LIFETIME_MS = 5 * 60_000;

/** The changes that make the profile `known` right from the beginning of the next run. */
export function toProfileChanges(
  known: ModelProfile,
  { windowTokens, dialect }: LearntDialect,
  { seesImages, cachedTokens, isAble }: SeenFacts,
): ProfileChanges {
  const isUnknown = known.contextTokens === null;
  const harness = isAble ? known.harness : "lean";
  const differing = changedFields(known.dialect, dialect);
  const isCacheNew = cachedTokens > 0 && known.cache.matching === "none";
  const cache = { matching: "prefix", minimumTokens: cachedTokens, lifetimeMs: SEEN_LIFETIME_MS } as const;
  return {
    // What decides most about a model is shown even where it is as built in for any unknown one.
    ...((isUnknown || harness !== known.harness) && { harness }),
    ...(isUnknown && { contextTokens: windowTokens }),
    ...(seesImages !== known.seesImages && { seesImages }),
    ...(isCacheNew && { cache }),
    ...(Object.keys(differing).length > 0 && { dialect: differing }),
  };
}

/** Reads JSON, or the file at a path. @throws RunError `bad-option` that names the wrong field. */
export function readProfileChanges(text: string): ProfileChanges {
  const isFile = !text.trimStart().startsWith("{");
  if (isFile && !existsSync(text))
    throw badProfile(`there is no file ${text}; give JSON or the path of a JSON file`);
  const value = parseJson(isFile ? readProfileFile(text) : text);
  if (!isJsonObject(value)) throw badProfile("it is not a JSON object");
  if (!isProfileChanges(value)) throw badProfile(problemIn(value));
  return value;
}

function readProfileFile(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (cause) {
    throw badProfile(`${file} cannot be read: ${messageOf(cause)}`);
  }
}

function isProfileChanges(value: JsonObject): value is JsonObject & ProfileChanges {
  return problemIn(value) === "";
}

/** What is wrong, in words; empty where nothing is. */
function problemIn(changes: JsonObject): string {
  for (const [name, value] of Object.entries(changes)) {
    const field = Object.entries(FIELDS).find(([known]) => known === name)?.[1];
    if (field === undefined)
      return `there is no field "${name}"; there are ${Object.keys(FIELDS).join(", ")}`;
    const problem = field(value);
    if (problem !== "") return `${name}${problem}`;
  }
  return "";
}

/** What is wrong with a value, as words that follow its name; empty where nothing is. */
type FindProblem = (value: Json) => string;

function mustBe(words: string, isRight: (value: Json) => boolean): FindProblem {
  return (value) => (isRight(value) ? "" : ` must be ${words}`);
}

function isAbove0(value: Json | undefined): value is number {
  return typeof value === "number" && value > 0;
}

function areNumbers(...values: readonly (Json | undefined)[]): boolean {
  return values.every((value) => typeof value === "number" && value >= 0);
}

/** The longest that a timer of Node can wait. */
const MOST_MS = 2 ** 31 - 1;
const MILLISECONDS = mustBe(
  `a number above 0, and at most ${MOST_MS}`,
  (value) => isAbove0(value) && value <= MOST_MS,
);

const FIELDS: Readonly<Record<keyof ModelProfile, FindProblem>> = {
  contextTokens: mustBe("a number above 0, or null", (value) => value === null || isAbove0(value)),
  seesImages: mustBe("true or false", (value) => typeof value === "boolean"),
  harness: mustBe('"full" or "lean"', (value) => value === "full" || value === "lean"),
  dialect: findDialectProblem,
  cache: mustBe("an object with matching, minimumTokens and lifetimeMs", (value) => {
    const { matching, minimumTokens, lifetimeMs } = recordOf(value);
    return (
      ["prefix", "breakpoints", "none"].includes(stringOf(matching)) && areNumbers(minimumTokens, lifetimeMs)
    );
  }),
  price: mustBe(
    "null, or have inputUsd, cachedUsd, cacheWriteUsd and outputUsd in US dollars for a million tokens",
    (value) => {
      const { inputUsd, cachedUsd, cacheWriteUsd, outputUsd } = recordOf(value);
      return value === null || areNumbers(inputUsd, cachedUsd, cacheWriteUsd, outputUsd);
    },
  ),
  maxOutputTokens: mustBe(
    "a whole number above 0, or null",
    (value) => value === null || (isAbove0(value) && Number.isInteger(value)),
  ),
  temperature: mustBe("a number of 0 or more, or null", (value) => value === null || areNumbers(value)),
  timeoutMs: MILLISECONDS,
  firstByteTimeoutMs: MILLISECONDS,
  idleTimeoutMs: MILLISECONDS,
};

function findDialectProblem(dialect: Json): string {
  if (!isJsonObject(dialect)) return " must be an object";
  const known: Readonly<Record<string, unknown>> = { ...SAFE_DIALECT };
  for (const [key, value] of Object.entries(dialect)) {
    if (known[key] === undefined) return `: there is no field "${key}"`;
    if (typeNameOf(known[key]) !== typeNameOf(value)) return `: ${key} must be a ${typeNameOf(known[key])}`;
    const words = Object.entries(DIALECT_WORDS).find(([field]) => field === key)?.[1];
    if (words !== undefined && hasStrangeWord(value, words))
      return `: ${key} must be ${Array.isArray(value) ? "a list of words among" : "one of"} ${words.join(", ")}`;
  }
  return "";
}

/** Whether a value has a word, alone or in a list, that is none of `words`. */
function hasStrangeWord(value: Json, words: readonly string[]): boolean {
  return (Array.isArray(value) ? value : [value]).some((one) => !words.includes(stringOf(one)));
}

function typeNameOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

function badProfile(what: string): RunError {
  return new RunError("bad-option", `--profile: ${what}`);
}
