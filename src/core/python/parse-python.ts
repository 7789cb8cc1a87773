// Owns: parsing a Python cell: IPython's magics taken out, and what Lezer's grammar does not know bridged.
import type { PartialParse, Tree } from "@lezer/common";
import { parser } from "@lezer/python";

/** Longer sources are data. */
const MOST_CHARACTERS = 500_000;
/** The tree is walked by recursion. A sum of a thousand terms is that deep; Python takes 200 brackets in one another. */
const MOST_DEPTH = 1_500;
/** Steps of the parser, one for each token of code. */
const MOST_STEPS = 400_000;
/** What a step costs where the parser looks for a way on from an error, on each of the ways that it follows. */
const RECOVERY_STEPS = 60;

/** One error and no names: what cannot be read. */
const UNREADABLE = parser.parse(")");

/** The syntax tree; broken places are error nodes, never exceptions. A source that is too much to be read is one error. */
export function parsePython(source: string): Tree {
  if (source.length > MOST_CHARACTERS) return UNREADABLE;
  const parse = parser.startParse(bridgeGaps(source));
  for (let steps = 0; steps < MOST_STEPS; steps += 1 + RECOVERY_STEPS * countRecoveries(parse)) {
    const tree = advance(parse);
    if (tree !== null) return isDeep(tree) ? UNREADABLE : tree;
  }
  return UNREADABLE;
}

/** The next step. The tree is put together by recursion when all is read: one that nests deeper than the stack is one error. */
function advance(parse: PartialParse): Tree | null {
  try {
    return parse.advance();
  } catch (problem) {
    if (problem instanceof RangeError) return UNREADABLE;
    throw problem;
  }
}

/** On how many ways at once the parser looks for a way on; 0 where it is at no error. Its class says so, its type does not. */
function countRecoveries(parse: PartialParse): number {
  const isRecovering = "recovering" in parse && typeof parse.recovering === "number" && parse.recovering > 0;
  return isRecovering && "stacks" in parse && Array.isArray(parse.stacks) ? parse.stacks.length : 0;
}

function isDeep(tree: Tree): boolean {
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter: () => void (deepest = Math.max(deepest, (depth += 1))),
    leave: () => void (depth -= 1),
  });
  return deepest > MOST_DEPTH;
}

/**
 * The offset of the first place that is not Python, or null. Null is no proof: indentation is not judged, nor is
 * a source that holds something the grammar is known to misread.
 */
export function firstSyntaxError(source: string): number | null {
  let offset: number | null = null;
  const tree = parsePython(source);
  if (tree === UNREADABLE) return null;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) offset ??= node.from;
    },
  });
  return offset !== null && holdsUnknown(source) ? null : offset;
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
  /\b(?:rf|fr)["']/i,
  /\b(?:t|rt|tr)["']/i,
];

function holdsUnknown(source: string): boolean {
  if (UNKNOWN.some((pattern) => pattern.test(source))) return true;
  // [a for a, *b in c]
  if (source.split("\n").some((line) => /,[ \t]*\*/.test(textFrom(line, /\bfor\b/)))) return true;
  // except A, B:
  return source.split(/[\n(:]/).some((part) => textFrom(part, /\bexcept\b/).includes(","));
}

/** The text from the first place that fits on; empty where none does. */
function textFrom(text: string, place: RegExp): string {
  const at = text.search(place);
  return at < 0 ? "" : text.slice(at);
}

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
