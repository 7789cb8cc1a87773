// Owns: which Python a reply without calls means to have run, from its code fences. Pure.
import { firstSyntaxError, parsePython } from "../../../../core/python/parse-python.ts";
import { offersOther } from "./ambiguity.ts";
import type { Fence } from "./fences.ts";

export interface CodeReading {
  /** The cell; empty where no code is meant. */
  readonly code: string;
  /** The fences that it was taken from, or that it stands for. */
  readonly used: readonly Fence[];
  /** Why code was not taken, as a sentence; empty where all was. */
  readonly unread: string;
}

const NOTHING: CodeReading = { code: "", used: [], unread: "" };

/**
 * The code of a reply. Of several blocks, one that a later one writes again, and one that only quotes an earlier one,
 * are left out; what is left is one cell, in order. `cut`: how the reply ended early, or empty.
 */
export function readCode(text: string, fences: readonly Fence[], cut: string): CodeReading {
  if (fences.length > MOST_BLOCKS)
    return { ...NOTHING, unread: `The reply has ${fences.length} code blocks, so none was run; write one.` };
  const candidates = fences.filter((fence) => fence.isPython || (fence.tag === "" && isProgram(fence.body)));
  const blocks = candidates
    .map((fence) => ({ fence, code: withoutPrompts(fence.body) }))
    .filter(({ code }) => code.trim() !== "");
  const open = cut === "" ? undefined : blocks.find(({ fence }) => !fence.closed);
  const whole = blocks.filter((block) => block !== open);
  const cutOff = open === undefined ? "" : `The code block ${cut}, so it was not run; write a shorter one.`;
  if (whole.length === 0) return { ...NOTHING, unread: cutOff || otherLanguage(fences) };
  if (whole.some(({ code }) => quotesNotebook(code)))
    return {
      ...NOTHING,
      unread: "The code block repeats the notebook's view, so it was not run; write only new Python code.",
    };
  const kept = whole.filter(({ code }, at) => !isRepeated(code, at, whole));
  if (areAlternatives(text, kept))
    return {
      ...NOTHING,
      unread: "The code blocks are alternatives, so none was run; write only the one that you want.",
    };
  return {
    code: kept.map(({ code }) => code.replace(/^\s*\n/, "").trimEnd()).join("\n\n"),
    used: whole.map(({ fence }) => fence),
    unread: cutOff,
  };
}

interface CodeBlock {
  readonly fence: Fence;
  readonly code: string;
}

const OUTPUT_TAGS = new Set([
  "",
  "text",
  "txt",
  "output",
  "out",
  "plaintext",
  "json",
  "markdown",
  "md",
  "console",
  "log",
  "none",
]);

function otherLanguage(fences: readonly Fence[]): string {
  const other = fences.find(({ tag, isPython }) => !isPython && !OUTPUT_TAGS.has(tag));
  return other === undefined
    ? ""
    : `The code block is marked ${other.tag.slice(0, 30)} and not python, so it was not run.`;
}

/** Longer texts are judged by their language alone. */
const MOST_CHARACTERS = 20_000;
/** More blocks than this are no program. */
const MOST_BLOCKS = 40;
/** A pattern of the grammar's gaps takes time with the square of a line. */
const LONGEST_LINE = 2_000;

/** Whether a text that names no language is Python that does something. */
export function isProgram(source: string): boolean {
  if (source.length > MOST_CHARACTERS || /[([{]{50}/.test(source)) return false;
  if (source.split("\n").some((line) => line.length > LONGEST_LINE)) return false;
  const code = withoutPrompts(source);
  if (firstSyntaxError(code) !== null || quotesNotebook(code)) return false;
  let acts = false;
  for (let node = parsePython(code).topNode.firstChild; node !== null; node = node.nextSibling)
    acts ||=
      /^(?:Assign|Import|For|While|If|With|Try|Function|Class|Update|Decorated|Match)/.test(node.name) ||
      node.firstChild?.name === "CallExpression";
  return acts;
}

/** Without the prompts of an interpreter, where the first line has one; lines without one are its output. */
function withoutPrompts(source: string): string {
  const lines = source.split("\n");
  if (!/^\s*>>> ?/.test(lines.find((line) => line.trim() !== "") ?? "")) return source;
  return lines
    .flatMap((line) => /^\s*(?:>>>|\.\.\.)(?: (.*)|)$/.exec(line)?.slice(1) ?? [])
    .map((line) => line ?? "")
    .join("\n");
}

/** The marks of our own views, which models copy with outputs that they invent. */
export function quotesNotebook(text: string): boolean {
  return /^[ \t]*(?:\[c\d{1,6}\b[^\]\n]{0,200}\]|=>[ \t]|Output of c\d{1,6}\b|(?:In|Out)[ \t]?\[\d{0,6}\]:)/m.test(
    text,
  );
}

/** Lines that say something: a short one is in every program. */
function linesOf(code: string): readonly string[] {
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length > 3 && !/^(?:#|import |from )/.test(line));
}

/** Most of it stands in a later block again, or all of it stood in an earlier, longer one. */
function isRepeated(code: string, at: number, blocks: readonly CodeBlock[]): boolean {
  const own = linesOf(code);
  if (own.length === 0) return false;
  return blocks.some((other, index) => {
    if (index === at) return false;
    const lines = new Set(linesOf(other.code));
    const shared = own.filter((line) => lines.has(line)).length;
    if (index > at) return shared * 2 > own.length || definesAgain(code, other.code);
    return shared === own.length && lines.size > own.length;
  });
}

/** Every function of the one is in the other, and there is one. */
function definesAgain(code: string, later: string): boolean {
  const defined = functionsIn(code);
  const again = new Set(functionsIn(later));
  return defined.length > 0 && defined.every((name) => again.has(name));
}

function functionsIn(code: string): readonly string[] {
  return [...code.matchAll(/^(?:def|class)[ \t]{1,9}(\w{1,80})/gm)].map(([, name = ""]) => name);
}

/** A line between two blocks begins with a word that offers the second one instead of the first. */
function areAlternatives(text: string, blocks: readonly CodeBlock[]): boolean {
  return blocks.slice(1).some(({ fence }, at) => {
    const between = text.slice(blocks[at]?.fence.to ?? 0, fence.from);
    return offersOther(between);
  });
}
