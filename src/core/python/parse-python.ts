// Owns: parsing a Python cell: IPython's magics taken out, and what Lezer's grammar does not know bridged.
import type { Tree } from "@lezer/common";
import { parser } from "@lezer/python";

/** The syntax tree; broken places are error nodes, never exceptions. */
export function parsePython(source: string): Tree {
  return parser.parse(bridgeGaps(source));
}

/**
 * The offset of the first place that is not Python, or null. Null is no proof: indentation is not judged, nor is
 * a source that holds something the grammar is known to misread.
 */
export function firstSyntaxError(source: string): number | null {
  let offset: number | null = null;
  parsePython(source).iterate({
    enter: (node) => {
      if (node.type.isError) offset ??= node.from;
    },
  });
  return offset !== null && UNKNOWN.some((pattern) => pattern.test(source)) ? null : offset;
}

/** Same length: `4.` becomes `40`, a bare `yield` becomes `None `, a form feed becomes a space. */
function bridgeGaps(source: string): string {
  return source
    .replace(/\f/g, " ")
    .replace(/(?<![\w.])(\d[\d_]*)\.(?=[^\d\w.]|$)/g, "$10")
    .replace(/\byield(?=[ \t]*(?:$|[)\]},;#=]))/gm, "None ");
}

/** What the grammar takes for an error though it is Python. */
const UNKNOWN: readonly RegExp[] = [
  /\bwith[ \t]*\(/, // with (open(a) as f, open(b) as g):
  /\bas[ \t]*(?:[([]|\w+[ \t]*[.[])/, // with f() as (a, b):   with f() as self.x:
  /^[ \t]*(?:match|case)\b.*:/m,
  /\bfor\b[^\n]*,[ \t]*\*/, // [a for a, *b in c]
  /\b(?:rf|fr)["']/i,
  /\bexcept\b[^\n(:]*,/, // except A, B:
  /\b(?:t|rt|tr)["']/i,
];

const HARMLESS_MAGIC =
  /^%(matplotlib|time|timeit|config|precision|pip|conda|pwd|who|whos|load_ext|autoreload)\b/;
const HARMLESS_CELL_MAGIC = /^%%(time|timeit|capture|prun)\b/;

/** The cell as plain Python of as many lines; `opaque` when a magic may do anything to names. */
export function withoutMagics(source: string): { text: string; opaque: boolean } {
  const lines = source.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const head = lines[first]?.trim() ?? "";
  if (head.startsWith("%%")) {
    if (!HARMLESS_CELL_MAGIC.test(head)) return { text: "", opaque: true };
    lines[first] = "";
  }
  let opaque = false;
  const text = lines.map((line) => {
    const code = line.trimStart();
    if (code.startsWith("!")) return `${line.slice(0, line.length - code.length)}pass`;
    if (!/^%[a-z_]/i.test(code)) return line;
    if (!HARMLESS_MAGIC.test(code)) opaque = true;
    return `${line.slice(0, line.length - code.length)}pass`;
  });
  return { text: text.join("\n"), opaque };
}
