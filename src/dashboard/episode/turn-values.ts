// Owns: what a model said and what its calls gave, out of a run's blobs, which may be anybody's. Pure, never throws.
import { cleanText, isRecord, listOf, recordOf, stringOf } from "../../core/untrusted.ts";
import type { Json } from "../../contracts/index.ts";

/** Longer text is cut: the page stays quick, and says so. */
const MOST_CHARACTERS = 200_000;
const MOST_CALLS = 200;

/** What tools call their code. */
const CODE_NAMES: readonly string[] = ["source", "code"];

/** A call as the model wrote it. `code`: its longest text of several lines, which reads better by itself. */
export interface ShownCall {
  readonly tool: string;
  readonly code: string | null;
  /** The other arguments as JSON; empty for none. */
  readonly rest: string;
}

export interface ShownReply {
  readonly text: string;
  readonly calls: readonly ShownCall[];
  readonly stop: string;
  readonly unread: string;
}

/** What one call gave. */
export interface ShownResult {
  readonly tool: string;
  readonly text: string;
  /** `data:` addresses. */
  readonly images: readonly string[];
  readonly isError: boolean;
  readonly mended: string;
}

export interface ShownResults {
  readonly results: readonly ShownResult[];
  readonly told: string;
}

export function shownReply(value: unknown): ShownReply | null {
  if (!isRecord(value)) return null;
  const calls = Array.isArray(value["calls"]) ? value["calls"].slice(0, MOST_CALLS).map(shownCall) : [];
  return {
    text: cut(stringOf(value["text"])),
    calls,
    stop: stringOf(value["stop"]),
    unread: cut(stringOf(value["unread"])),
  };
}

export function shownResults(value: unknown): ShownResults | null {
  if (!isRecord(value)) return null;
  const results = Array.isArray(value["results"])
    ? value["results"].slice(0, MOST_CALLS).map(shownResult)
    : [];
  return { results, told: cut(stringOf(value["told"])) };
}

function shownCall(value: unknown): ShownCall {
  const call = recordOf(value);
  const given = call["arguments"];
  const tool = stringOf(call["tool"]);
  if (typeof given === "string") return { tool, code: cut(given), rest: "" };
  const entries = Object.entries(recordOf(given));
  const texts = entries.filter(
    ([name, one]) => typeof one === "string" && (one.includes("\n") || CODE_NAMES.includes(name)),
  );
  const code = texts.toSorted(([, a], [, b]) => String(b).length - String(a).length)[0];
  const rest = entries.filter((entry) => entry !== code && entry[0] !== code?.[0]);
  return {
    tool,
    code: code === undefined ? null : cut(String(code[1])),
    rest: rest.length === 0 ? "" : cut(JSON.stringify(Object.fromEntries(rest), null, 2)),
  };
}

function shownResult(value: unknown): ShownResult {
  const result = recordOf(value);
  const parts: readonly Json[] = listOf(asJson(result["content"]));
  const texts = parts.flatMap((part) =>
    isRecord(part) && part["type"] === "text" ? [stringOf(part["text"])] : [],
  );
  return {
    tool: stringOf(recordOf(result["call"])["tool"]),
    text: cut(texts.join("\n")),
    images: parts.flatMap((part) => (isRecord(part) && part["type"] === "image" ? imageOf(part) : [])),
    isError: result["isError"] === true,
    mended: cut(stringOf(result["mended"])),
  };
}

/** What came out of JSON is JSON. */
function asJson(value: unknown): Json {
  return Array.isArray(value) ? (value as Json) : null;
}

const IMAGES = /^image\/(?:png|jpeg|gif|webp)$/;

function imageOf({ mime, base64 }: { readonly [key: string]: unknown }): readonly string[] {
  const isImage = typeof mime === "string" && IMAGES.test(mime) && typeof base64 === "string";
  return isImage && base64.length < 20e6 ? [`data:${mime};base64,${base64}`] : [];
}

function cut(text: string): string {
  const whole = cleanText(text);
  if (whole.length <= MOST_CHARACTERS) return whole;
  return `${whole.slice(0, MOST_CHARACTERS)}\n... and ${whole.length - MOST_CHARACTERS} more characters`;
}
