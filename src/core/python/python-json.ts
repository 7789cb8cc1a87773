// Owns: JSON as Python writes it (NaN and the infinities bare), and where a broken text breaks. Knows no notebooks.

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: JsonFault };

/** Where a text stops being JSON; `line` and `column` count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  /** Whether the text merely ends too early. */
  readonly truncated: boolean;
}

/** Like `JSON.parse`, but takes NaN, Infinity and -Infinity as null, and returns what is wrong instead of throwing. */
export function parsePythonJson(text: string): ParsedJson {
  const strict = tryParse(text);
  if (strict !== null) return strict;
  const scan = scanJson(text);
  if ("reason" in scan) return { ok: false, fault: faultAt(text, scan) };
  return (
    tryParse(withoutSpans(text, scan.notJson)) ?? {
      ok: false,
      fault: faultAt(text, { offset: 0, reason: "not JSON" }),
    }
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}
interface JsonBreak {
  readonly offset: number;
  readonly reason: string;
}
type TokenKind = "[" | "]" | "{" | "}" | "," | ":" | "text" | "scalar" | "python";
interface Token extends Span {
  readonly kind: TokenKind;
}
type Expected =
  "a value" | "a value or ]" | "a name" | "a name or }" | ":" | "a comma or the end" | "the end";

const SPACE = /[ \t\r\n]*/y;
const SIGNS = "[]{},:";
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const PYTHON_WORD = /NaN|-?Infinity/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function tryParse(text: string): ParsedJson | null {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function withoutSpans(text: string, spans: readonly Span[]): string {
  let from = 0;
  const parts = spans.map((span) => {
    const part = text.slice(from, span.from);
    from = span.to;
    return part;
  });
  return [...parts, text.slice(from)].join("null");
}

/** Walks the text without recursion; the spans of Python's own words, or the first place that is no JSON. */
function scanJson(text: string): { notJson: readonly Span[] } | JsonBreak {
  const notJson: Span[] = [];
  const open: TokenKind[] = [];
  let expected: Expected = "a value";
  for (let at = lengthOf(SPACE, text, 0); at < text.length; at += lengthOf(SPACE, text, at)) {
    const token = tokenAt(text, at);
    if ("reason" in token) return token;
    const next = nextExpected(expected, token.kind, open);
    if (next === null)
      return { offset: at, reason: `${JSON.stringify(text[at])} where ${expected} should be` };
    if (token.kind === "python") notJson.push(token);
    expected = next;
    at = token.to;
  }
  return expected === "the end" ? { notJson } : { offset: text.length, reason: "the text ends too early" };
}

function tokenAt(text: string, from: number): Token | JsonBreak {
  if (text[from] === '"') return textAt(text, from);
  if (SIGNS.includes(text.charAt(from))) return { kind: text[from] as TokenKind, from, to: from + 1 };
  const python = lengthOf(PYTHON_WORD, text, from);
  const length = python + (python > 0 ? 0 : lengthOf(SCALAR, text, from));
  if (length > 0) return { kind: python > 0 ? "python" : "scalar", from, to: from + length };
  const rest = text.slice(from, from + 12);
  return ["true", "false", "null", "NaN", "-Infinity"].some((word) => word.startsWith(rest))
    ? { offset: text.length, reason: "the text ends too early" }
    : { offset: from, reason: `${JSON.stringify(text[from])} is no JSON` };
}

function textAt(text: string, from: number): Token | JsonBreak {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { kind: "text", from, to: at + 1 };
    if (code < 0x20) return { offset: at, reason: "a line break or control character inside a string" };
    if (code !== 0x5c) continue;
    const length = lengthOf(ESCAPE, text, at);
    if (length === 0 && at + 6 <= text.length) return { offset: at, reason: "an unknown escape in a string" };
    at += Math.max(length, 1) - 1;
  }
  return { offset: text.length, reason: "the text ends inside a string" };
}

/** What may follow the token, or null where it may not stand; keeps `open`, the brackets that are still open. */
function nextExpected(expected: Expected, kind: TokenKind, open: TokenKind[]): Expected | null {
  if (kind === "]" || kind === "}") return closeBracket(expected, kind, open);
  const inList = open.at(-1) === "[";
  if (kind === ",") return expected === "a comma or the end" ? (inList ? "a value" : "a name") : null;
  if (kind === ":") return expected === ":" ? "a value" : null;
  if (kind === "text" && expected.startsWith("a name")) return ":";
  if (!expected.startsWith("a value")) return null;
  if (kind !== "[" && kind !== "{") return afterValue(open);
  open.push(kind);
  return kind === "[" ? "a value or ]" : "a name or }";
}

function closeBracket(expected: Expected, kind: "]" | "}", open: TokenKind[]): Expected | null {
  const mayClose = expected === "a comma or the end" || expected.endsWith(`or ${kind}`);
  if (!mayClose || open.at(-1) !== (kind === "]" ? "[" : "{")) return null;
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly TokenKind[]): Expected {
  return open.length === 0 ? "the end" : "a comma or the end";
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}

function faultAt(text: string, broken: JsonBreak): JsonFault {
  const lines = text.slice(0, broken.offset).split("\n");
  return {
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
    reason: broken.reason,
    truncated: broken.offset >= text.length,
  };
}
