// Owns: reading the arguments of a call, and repairing them where only one reading is possible. Pure.
// Never completes what was cut: a text that ends before its last bracket stays as it is.
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { isObject, parseJson } from "./untrusted-json.ts";

export interface ReadArguments {
  /** An object where the text is one or can safely become one; else the text itself. */
  readonly arguments: Json;
  /** What was repaired, in a word or two; empty when nothing was. */
  readonly repair: string;
  /** Whether the arguments are a JSON object now. */
  readonly ok: boolean;
}

interface Attempt {
  readonly repair: string;
  readonly change: (text: string) => string;
}

const ATTEMPTS: readonly Attempt[] = [
  { repair: "code fence", change: withoutFence },
  { repair: "repeated object", change: withoutRepetition },
  { repair: "loose JSON", change: (text) => strict(withoutFence(text)) },
];

/** The arguments in a call's text. An empty text is a call without arguments. */
export function readArguments(text: string): ReadArguments {
  const trimmed = text.trim();
  if (trimmed === "") return { arguments: {}, repair: "", ok: true };
  const plain = parseJson(trimmed);
  if (isObject(plain)) return { arguments: plain, repair: "", ok: true };
  if (typeof plain === "string") return twiceEncoded(plain, text);
  for (const { repair, change } of ATTEMPTS) {
    const value = parseJson(change(trimmed));
    if (isObject(value)) return { arguments: value, repair, ok: true };
  }
  return { arguments: text, repair: "", ok: false };
}

function twiceEncoded(inner: string, text: string): ReadArguments {
  const read = readArguments(inner);
  if (!read.ok || inner.trim() === "") return { arguments: text, repair: "", ok: false };
  return { ...read, repair: "encoded twice" };
}

function withoutFence(text: string): string {
  return /^```[\w-]*\s*\n([\s\S]*)\n?```$/.exec(text)?.[1]?.trim() ?? text;
}

/** Some servers send the whole arguments again at the end of the stream. */
function withoutRepetition(text: string): string {
  const half = text.slice(0, text.length / 2);
  return text.length % 2 === 0 && half + half === text ? half : text;
}

const PYTHON_WORDS: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };
const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Strict JSON from a loose one: trailing commas, raw line breaks inside strings, Python's True, False and None. */
function strict(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\[\s\S])*"|,(?=\s*[}\]])|\b(?:True|False|None)\b/g, (token) => {
    if (token === ",") return "";
    if (!token.startsWith('"')) return PYTHON_WORDS[token] ?? token;
    return token.replaceAll(/[\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  });
}

/** The object with its keys put right, where a schema knows them; used for a value in the wrong wrapping. */
export function unwrapped(value: JsonObject): JsonObject {
  const inner = value["arguments"] ?? value["parameters"] ?? value["input"];
  if (isObject(inner)) return inner;
  const read = typeof inner === "string" ? readArguments(inner) : null;
  return read?.ok === true && isObject(read.arguments) ? read.arguments : {};
}
