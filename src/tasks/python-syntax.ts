// Owns: saying where a cell is not Python, before any kernel runs it. Lets pass what it cannot judge.
import { firstSyntaxError, withoutMagics } from "../core/python/parse-python.ts";

export interface SyntaxFault {
  /** Within the cell, from 1. */
  readonly line: number;
  readonly text: string;
}

/** What IPython reads besides magics and shell lines at the start: `x = !ls`, `x = %magic`, `?name`, `name??`. */
const IPYTHON_LINE = /^([ \t]*)(?:[\w, ]+=[ \t]*[!%].*|\?{1,2}[\w.*]+|[\w.*]+\?{1,2})[ \t]*$/gm;

/** The first line that is not Python (`cell`: nor IPython), or null. */
export function syntaxFault(source: string, as: "cell" | "module"): SyntaxFault | null {
  const plain = source.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const offset = firstSyntaxError(plain);
  if (offset === null) return null;
  if (as === "module") return faultAt(plain, plain, offset);
  const python = withoutMagics(plain).text.replace(IPYTHON_LINE, "$1pass");
  // A line of a long string may look like a magic: then nothing is certain.
  if (python !== plain && /"""|'''/.test(plain)) return null;
  const left = firstSyntaxError(python);
  return left === null ? null : faultAt(plain, python, left);
}

/** `parsed` has the same lines as `source`. */
function faultAt(source: string, parsed: string, offset: number): SyntaxFault {
  const line = parsed.slice(0, Math.min(offset, parsed.trimEnd().length)).split("\n").length;
  return { line, text: (source.split("\n")[line - 1] ?? "").trim().slice(0, 80) };
}
