// Owns: Python as runs with the classes of a style sheet. Lines that are IPython's and no Python are coloured as such. Linear. Pure.
import { classHighlighter, highlightCode } from "@lezer/highlight";
import { parser } from "@lezer/python";
import type { ColouredRun } from "./coloured-text.ts";

/** Longer code is shown without colours. */
const MOST = 200_000;
/** Cell magics whose cell is Python. */
const OF_PYTHON = /^%%(?:time|timeit|capture|prun)\b/;

/** The runs of the code, in order: their texts joined are the code. */
export function pythonRuns(code: string): readonly ColouredRun[] {
  const isOther = code.startsWith("%%") && !OF_PYTHON.test(code);
  if (code.length > MOST || isOther) return code === "" ? [] : [{ text: code, classes: "" }];
  const masked = code
    .split("\n")
    .map((line) => (/^\s*[%!]/.test(line) ? "#".padEnd(line.length, "_") : line))
    .join("\n");
  const runs: ColouredRun[] = [];
  let at = 0;
  const put = (text: string, classes: string): void => {
    const isMagic = classes === "tok-comment" && /^\s*[%!]/.test(text) && !text.startsWith("#");
    runs.push({ text, classes: isMagic ? "tok-magic" : classes });
    at += text.length;
  };
  highlightCode(code, parser.parse(masked), classHighlighter, put, () => put("\n", ""));
  if (at < code.length) put(code.slice(at), "");
  return runs;
}
