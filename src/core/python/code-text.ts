// Owns: Python code as models write it in the place of a string of code: in one code fence, or as a list of lines. Pure.
import type { Json } from "../../contracts/index.ts";

/** The code, where only one can be meant: a string as it is, without its fence, or the lines of a list; else undefined. */
export function readCodeText(value: Json): string | undefined {
  if (typeof value === "string") return withoutFence(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const lines: readonly Json[] = value;
  if (!lines.every((line) => typeof line === "string")) return undefined;
  const text = lines.slice(0, -1).every((line) => /[\r\n]$/.test(line)) ? lines.join("") : lines.join("\n");
  return withoutFence(text);
}

const OPENING = /^\s{0,9}(`{3,9}|~{3,9})[ \t]{0,9}(?:python3?|ipython3?|py3?)?[ \t]{0,9}$/i;

/** What is in the one fence that the text consists of. Another language, words around it or a second fence stay as they are. */
function withoutFence(text: string): string {
  const [first = "", ...others] = text.trim().split(/\r\n?|\n/);
  const mark = OPENING.exec(first)?.[1];
  if (mark === undefined || others.at(-1)?.trim() !== mark) return text;
  const inner = others.slice(0, -1);
  return inner.some((line) => line.trimStart().startsWith(mark)) ? text : inner.join("\n");
}
