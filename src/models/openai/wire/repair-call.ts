// Owns: repairing the arguments and the tool name of a call where only one reading is possible. Pure.
// Never completes what was cut: a text that ends before its last bracket stays as it is.
import type { Json } from "../../../contracts/index.ts";
import { editDistance } from "../../../core/nearest-word.ts";
import { isJsonObject, parseJson } from "../../../core/untrusted.ts";

export interface ReadArguments {
  /** An object where the text is one or can safely be repaired to one; else the text itself. */
  readonly arguments: Json;
  /** What was repaired, in a word or two; empty when nothing was. */
  readonly repair: string;
  /** Whether the arguments are a JSON object now. */
  readonly ok: boolean;
}

interface RepairStep {
  readonly repair: string;
  readonly apply: (text: string) => string;
}

const REPAIR_STEPS: readonly RepairStep[] = [
  { repair: "code fence", apply: removeFence },
  { repair: "repeated object", apply: removeRepetition },
  { repair: "loose JSON", apply: (text) => toStrictJson(removeFence(text)) },
];

/** Reads the arguments of a call from their text. An empty text means no arguments. */
export function readArguments(text: string): ReadArguments {
  const trimmed = text.trim();
  if (trimmed === "") return { arguments: {}, repair: "", ok: true };
  const plain = parseJson(trimmed);
  if (isJsonObject(plain)) return { arguments: plain, repair: "", ok: true };
  if (typeof plain === "string") return decodeTwice(plain, text);
  for (const { repair, apply } of REPAIR_STEPS) {
    const value = parseJson(apply(trimmed));
    if (isJsonObject(value)) return { arguments: value, repair, ok: true };
  }
  return { arguments: text, repair: "", ok: false };
}

/** Whether the text is an object that ends before its last bracket: it was cut, whatever the server says of it. */
export function breaksOff(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || trimmed.endsWith("}")) return false;
  let depth = 0;
  for (const [token, end] of trimmed.matchAll(/"[^"\\]*(?:\\[\s\S][^"\\]*)*("?)|[{}[\]]/g)) {
    if (end === "") return true;
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
  }
  return depth > 0;
}

function decodeTwice(inner: string, text: string): ReadArguments {
  const read = readArguments(inner);
  if (!read.ok || inner.trim() === "") return { arguments: text, repair: "", ok: false };
  return { ...read, repair: "encoded twice" };
}

function removeFence(text: string): string {
  return /^```[\w-]*[ \t]*\r?\n([\s\S]*)```$/.exec(text)?.[1]?.trim() ?? text;
}

/** Some servers send the whole arguments again at the end of the stream. */
function removeRepetition(text: string): string {
  const half = text.slice(0, text.length / 2);
  return text.length % 2 === 0 && half + half === text ? half : text;
}

const PYTHON_WORDS: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };
const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Repairs trailing commas, raw line breaks inside strings, strings in backticks, and Python's True, False and None. */
export function toStrictJson(text: string): string {
  // An unclosed string is taken to the end, so that no place is looked at twice.
  const tokens = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|`[^`]*`|,(?=\s*[}\]])|\b(?:True|False|None)\b/g;
  return text.replaceAll(tokens, (token) => {
    if (token === ",") return "";
    if (token.startsWith("`")) return JSON.stringify(token.slice(1, -1));
    if (!token.startsWith('"')) return PYTHON_WORDS[token] ?? token;
    return token.replaceAll(/[\n\r\t]/g, (character) => ESCAPES[character] ?? character);
  });
}

/**
 * The known name that a name can only mean: the same, one that is spelt differently, or one that is a slip or two away
 * from exactly one known name; else null.
 */
export function closestName(name: string, tools: readonly string[]): string | null {
  if (tools.includes(name)) return name;
  if (name.length > MOST_LETTERS) return null;
  const plain = simplifyName(name);
  const same = tools.filter((tool) => simplifyName(tool) === plain);
  if (same.length === 1) return same[0] ?? null;
  const near = tools.filter((tool) => editDistance(simplifyName(tool), plain, slipsAllowed(tool)) < Infinity);
  return near.length === 1 ? (near[0] ?? null) : null;
}

/** A longer one is no tool's name with punctuation around it. */
const MOST_LETTERS = 200;

/** How many slips are forgiven: a short name has too many neighbours. */
function slipsAllowed(tool: string): number {
  if (tool.length < 4) return 0;
  return tool.length < 8 ? 1 : 2;
}

/** Without the prefixes and punctuation that models add: `functions.run-code:0` is `runcode`. */
function simplifyName(name: string): string {
  return name
    .replace(/^(functions?|tools?|default_api|mcp)[.:/]+/i, "")
    .replace(/[:#]\d+$/, "")
    .replaceAll(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}
