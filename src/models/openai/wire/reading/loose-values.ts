// Owns: finding and reading a JSON value in a text as models write it: loose, in Python's spelling, with doubled braces.
// Pure. Never guesses: a text that ends before its last bracket is no value.
import type { Json } from "../../../../contracts/index.ts";
import { MAX_DEPTH, parseJson } from "../../../../core/untrusted.ts";
import { readLiteral } from "./python-calls.ts";
import { toStrictJson } from "../repair-call.ts";

/** Where the brackets that open at a place close. */
export interface BracketScan {
  /** The offset behind the last bracket; null where they do not close, or do not match. */
  readonly end: number | null;
  /** The brackets that are missing at the end of the text; empty unless only they are. */
  readonly missing: string;
  /** The text ended before them. */
  readonly ended: boolean;
}

const CLOSERS: Readonly<Record<string, string>> = { "{": "}", "[": "]", "(": ")" };
const UNMATCHED: BracketScan = { end: null, missing: "", ended: false };
const IN_STRING: BracketScan = { end: null, missing: "", ended: true };

/** Follows the brackets from an opening one, strings in any quotes left out; one pass over the text. */
export function scanBrackets(text: string, from: number): BracketScan {
  const open: string[] = [];
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    const closer = CLOSERS[character];
    if (closer !== undefined) {
      if (open.push(closer) > MAX_DEPTH) return UNMATCHED;
    } else if (character === '"' || character === "'" || character === "`") {
      at = endOfString(text, at) - 1;
      if (at < 0) return IN_STRING;
    } else if (character === "}" || character === "]" || character === ")") {
      if (open.pop() !== character) return UNMATCHED;
      if (open.length === 0) return { end: at + 1, missing: "", ended: false };
    }
  }
  return { end: null, missing: open.toReversed().join(""), ended: true };
}

/** The offset behind the string that opens at `from`; 0 where it is not closed. */
function endOfString(text: string, from: number): number {
  const quote = text.charAt(from);
  const triple = quote.repeat(3);
  if (text.startsWith(triple, from)) {
    const close = quote === "`" ? -1 : text.indexOf(triple, from + 3);
    return close === -1 ? 0 : close + 3;
  }
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") at++;
    else if (character === quote) return at + 1;
  }
  return 0;
}

/** Longer texts are no Python literals: its parser is slow where it finds faults. */
const MOST_PYTHON_CHARACTERS = 30_000;

/** The value of a text whose brackets match; undefined where it is none. */
export function readLooseValue(text: string): Json | undefined {
  const strict = parseJson(text);
  if (strict !== undefined) return strict;
  const loose = parseJson(toStrictJson(text)) ?? readDoubledBraces(text);
  return loose === undefined && text.length <= MOST_PYTHON_CHARACTERS ? readLiteral(text) : loose;
}

/** Templates show `{{"name": ...}}`, and models copy it: the outer pair doubled, or all of them. */
function readDoubledBraces(text: string): Json | undefined {
  if (!text.startsWith("{{") || !text.endsWith("}}")) return undefined;
  const inner = parseJson(toStrictJson(text.slice(1, -1)));
  if (inner !== undefined) return inner;
  const single = text.replaceAll(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"?|\{\{|\}\}/g, (token) =>
    token.startsWith('"') ? token : token.charAt(0),
  );
  return parseJson(toStrictJson(single));
}
