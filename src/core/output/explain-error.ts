// Owns: what a failed cell's error means and what to do about it, in a sentence or two. Pure: facts come from the caller.
import { adviseError } from "./advise-error.ts";
import { nearestNames } from "../python/nearest-names.ts";
import { capText, shortenLine } from "./clip.ts";
import { codePlace } from "./traceback.ts";

interface CellFailure {
  readonly name: string;
  readonly value: string;
  /** Without colours. */
  readonly traceback: string;
  readonly source: string;
  /** Names that the kernel holds, oldest first. */
  readonly known: readonly string[];
  /** What the names of the failing line held: `t: list of 40`. Default: not known. */
  readonly values?: readonly string[];
}

/** Sentences for the model; none where the message says it all. */
export function explainError(failure: CellFailure): readonly string[] {
  switch (failure.name) {
    case "NameError":
      return explainName(failure);
    case "ModuleNotFoundError":
      return explainModule(failure);
    case "SyntaxError":
    case "IndentationError":
    case "TabError":
    case "_IncompleteInputError":
      return explainSyntax(failure);
    default: {
      const advice = adviseError(failure.name, failure.value, failure.values);
      return advice === "" ? [] : [`${advice.replace(/^[a-z]/, (letter) => letter.toUpperCase())}.`];
    }
  }
}

/** Which line a cell was in when its time was over, and what to do. */
export function explainInterrupt(traceback: string): string {
  const place = codePlace(traceback);
  const where = place === null ? "" : `Stopped in line ${place.line}, ${quote(place.code)}. `;
  return `${where}Do less in one cell: fewer steps, or part of the work, and print as it goes.`;
}

const MOST_NAMED = 12;

function explainName({ name: error, value, known }: CellFailure): readonly string[] {
  const name = /name '(\w+)' is not defined/.exec(value)?.[1];
  if (name === undefined) return [];
  const missing = adviseError(error, value);
  if (missing !== "") return [`It was not imported: ${missing}.`];
  const near = nearestNames(name, known);
  if (near.length > 0) return [`Did you mean ${near.map((one) => `\`${one}\``).join(" or ")}?`];
  const shown = known.slice(-MOST_NAMED);
  if (shown.length === 0) return [`Nothing of that name was defined: define \`${name}\` first.`];
  const more = known.length - shown.length;
  const names = `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return [`The kernel has no \`${name}\`: define it first. It has ${names}.`];
}

function explainModule({ value }: CellFailure): readonly string[] {
  const module = /No module named '([\w.]+)'/.exec(value)?.[1];
  if (module === undefined) return [];
  return [`\`${module}\` is not installed here and cannot be installed: write this without it.`];
}

/** What stands in a cell by mistake, by its looks; the first that fits a line is named. */
const STRANGERS: readonly (readonly [look: RegExp, words: string])[] = [
  [/^\s*(?:`{3,}|~{3,})/, "is a Markdown fence"],
  [
    /^\s*(?:Cell c\d+\b.*:|Output of c\d+:|\[?c\d+ (?:clean|failed|stale|ok|error|task)\b.*)$/,
    "is a line of the notebook's view",
  ],
  [/^\s*=>/, "is a line of an output"],
  [/^\s*<\/?\w+>/, "is a tag"],
  [/^\s*(?:#{1,6} \S|[-*] +[A-Za-z]|\d+\. +[A-Za-z]|\*\*)/, "is Markdown"],
  [/^\s*(?:>>>|In \[\d+\]:|Out\[\d+\]:|\$ )/, "is a prompt of a terminal"],
  [
    /^\s*(?!(?:assert|async|await|class|def|del|elif|except|for|from|global|if|import|lambda|not|print|raise|return|while|with|yield)\b)[A-Za-z][\w',-]*(?: [\w',-]+){3,}[.:!?]?\s*$/,
    "is prose",
  ],
];
const CUT =
  /was never closed|unexpected EOF|incomplete input|unterminated (?:triple-quoted )?(?:f-)?string|expected an indented block/;

function explainSyntax({ name, value, traceback, source }: CellFailure): readonly string[] {
  const lines = capText(source).split("\n");
  const at = Number(/line (\d+)/.exec(traceback)?.[1] ?? /line (\d+)\)?$/.exec(value)?.[1] ?? 0);
  const stranger = findStranger(lines, at);
  if (stranger !== null)
    return [
      `Line ${stranger.line} ${stranger.words}, not Python: ${quote(stranger.code)}. A cell is Python alone.`,
    ];
  const isLast = at >= lines.filter((line) => line.trim() !== "").length;
  if (CUT.test(`${name} ${value}`) && isLast)
    return ["The cell seems to be cut off at its end: write a shorter one."];
  return [];
}

/** The line that the error names, or the first that looks like no Python, outside of comments. */
function findStranger(lines: readonly string[], at: number) {
  const order = [at, ...lines.map((_, i) => i + 1)];
  for (const line of order) {
    const code = lines[line - 1] ?? "";
    const found = STRANGERS.find(([look]) => look.test(code));
    // A comment is Python, whatever it says.
    if (found !== undefined && (line === at || !/^\s*#/.test(code))) return { line, code, words: found[1] };
  }
  return null;
}

function quote(code: string): string {
  return `\`${shortenLine(code.trim(), 100)}\``;
}
