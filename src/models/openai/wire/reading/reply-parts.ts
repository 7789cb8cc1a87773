// Owns: cutting a reply into the parts that may be actions: fences, values, calls in Python, and the marks of templates.
// Pure, and in time in proportion to the reply. Never decides what a part means.
import type { Json } from "../../../../contracts/index.ts";
import { readLooseValue, scanBrackets } from "./loose-values.ts";
import { cutFence, type Fence } from "./fences.ts";
import { MARK, OPENERS, type Opener } from "./template-marks.ts";

interface TextSpan {
  readonly from: number;
  readonly to: number;
}

export type ReplyPart = TextSpan &
  (
    | { readonly kind: "fence"; readonly fence: Fence; readonly inner: readonly ReplyPart[] }
    /** A mark of a template, such as `<tool_call>`: what follows is a call. */
    | { readonly kind: "mark"; readonly name: string }
    /** The name of a tool, and its arguments follow. `strong`: in a template's own marks. */
    | { readonly kind: "header"; readonly tool: string; readonly strong: boolean; readonly name: string }
    /** A tool's name with its parameters as XML or as JSON between two tags. */
    | { readonly kind: "element"; readonly tool: string; readonly body: string; readonly closed: boolean }
    /** `value` is undefined where it cannot be read. */
    | {
        readonly kind: "value";
        readonly value: Json | undefined;
        readonly closed: boolean;
        readonly text: string;
      }
    /** A line that begins with a call of a tool. */
    | { readonly kind: "python"; readonly source: string; readonly closed: boolean }
  );

interface PartOptions {
  readonly opener: RegExp;
  /** The reply ended at the output limit: nothing is closed for it. */
  readonly cut: boolean;
  /** Closing tags that do not occur behind the place that was reached. */
  readonly absent: Set<string>;
}

/** Brackets that lead nowhere before no more are followed. */
const MOST_FAILURES = 24;

/** The parts of a reply, in order; none overlaps another. `cut`: it ended at the output limit, so nothing is closed for it. */
export function findParts(text: string, tools: readonly string[], cut: boolean): readonly ReplyPart[] {
  return partsBetween(text, { opener: openerPattern(tools), cut, absent: new Set() }, 0, text.length, false);
}

function partsBetween(
  text: string,
  options: PartOptions,
  from: number,
  end: number,
  inFence: boolean,
): readonly ReplyPart[] {
  const within = text.slice(0, end);
  const opener = options.opener;
  const parts: ReplyPart[] = [];
  let failures = 0;
  opener.lastIndex = from;
  for (let match = opener.exec(within); match !== null; match = opener.exec(within)) {
    const found: Opener = match.groups ?? {};
    const isBracket = found.value !== undefined || found.python !== undefined;
    const part =
      isBracket && failures > MOST_FAILURES ? null : readPart(within, match, found, options, inFence);
    if (part !== null) parts.push(part);
    else if (isBracket) failures++;
    opener.lastIndex = part === null ? match.index + 1 : Math.max(part.to, match.index + 1);
  }
  return parts;
}

function openerPattern(tools: readonly string[]): RegExp {
  const names = tools.map((name) => name.replaceAll(/[^\w]/g, String.raw`\$&`)).join("|");
  return new RegExp(OPENERS.replaceAll("NAMES", names === "" ? "(?!)" : names), "gm");
}

function readPart(
  text: string,
  match: RegExpExecArray,
  found: Opener,
  options: PartOptions,
  inFence: boolean,
): ReplyPart | null {
  const from = match.index;
  const to = from + match[0].length;
  if (found.fence !== undefined) return inFence ? null : fencePart(text, match, options);
  const tool = found.header ?? found.deepseek ?? found.harmony ?? found.mistral ?? found.react ?? found.glm;
  if (found.element !== undefined || found.invoke !== undefined || found.glm !== undefined)
    return elementPart(text, from, to, found, options);
  if (tool !== undefined && tool !== "")
    return { kind: "header", from, to, tool, strong: found.react === undefined, name: nameOf(found) };
  if (found.line !== undefined)
    return { kind: "header", from, to, tool: found.line, strong: false, name: "name and JSON" };
  if (found.mark !== undefined) return { kind: "mark", from, to, name: found.mark };
  if (found.python !== undefined) return pythonPart(text, from, to, options);
  return valuePart(text, from, options);
}

function nameOf(found: Opener): string {
  if (found.deepseek !== undefined) return "deepseek";
  if (found.harmony !== undefined) return "harmony";
  if (found.mistral !== undefined) return "[TOOL_CALLS]";
  return found.react === undefined ? "tool_call_begin" : "Action";
}

function fencePart(text: string, match: RegExpExecArray, options: PartOptions): ReplyPart {
  const fence = cutFence(text, match.index, match[0]);
  const { from, to, bodyFrom, bodyTo } = fence;
  const inner =
    fence.isPython && !/^\s*[[{<]/.test(fence.body)
      ? []
      : partsBetween(text, options, bodyFrom, bodyTo, true);
  return { kind: "fence", from, to, fence, inner };
}

/** From its opening tag to its closing one; without one, to the next mark or the end. */
function elementPart(
  text: string,
  from: number,
  to: number,
  found: Opener,
  { cut, absent }: PartOptions,
): ReplyPart {
  const closing =
    found.element !== undefined ? "</function>" : found.glm !== undefined ? "</tool_call>" : "</invoke>";
  const tool = found.element ?? found.invoke ?? found.glm ?? "";
  const close = absent.has(closing) ? -1 : text.indexOf(closing, to);
  if (close === -1) absent.add(closing);
  if (close !== -1) {
    const body = text.slice(to, close);
    return { kind: "element", from, to: close + closing.length, tool, body, closed: true };
  }
  MARK.lastIndex = to;
  const next = MARK.exec(text)?.index ?? text.length;
  const body = text.slice(to, next);
  return { kind: "element", from, to: next, tool, body, closed: !cut || next < text.length };
}

function pythonPart(text: string, from: number, to: number, { cut }: PartOptions): ReplyPart | null {
  const { end, missing } = scanBrackets(text, from + text.slice(from, to).indexOf("("));
  if (end !== null)
    return { kind: "python", from, to: end, source: unquote(text.slice(from, end)), closed: true };
  if (missing === "") return null;
  return { kind: "python", from, to: text.length, source: unquote(text.slice(from)), closed: !cut };
}

function unquote(source: string): string {
  return source.trim().replace(/^`/, "");
}

/** Only brackets that are missing at the end of a reply that was not cut are put there. */
function valuePart(text: string, from: number, { cut }: PartOptions): ReplyPart | null {
  const { end, missing, ended } = scanBrackets(text, from);
  if (end !== null) {
    const span = text.slice(from, end);
    const value = readLooseValue(span);
    // Words in brackets, with something else inside.
    if (value === undefined && (span.includes("```") || span.search(MARK) !== -1)) return null;
    return { kind: "value", from, to: end, text: span, value, closed: true };
  }
  const span = text.slice(from);
  const value = cut || missing === "" ? undefined : readLooseValue(span.trimEnd() + missing);
  if (value !== undefined) return { kind: "value", from, to: text.length, text: span, value, closed: true };
  // It says that it is a call, though no more than that can be read: what follows is looked at by itself.
  const closed = !(cut && ended);
  return NAMES_A_CALL.test(span.slice(0, 200))
    ? { kind: "value", from, to: from + 1, text: span, value, closed }
    : null;
}

const NAMES_A_CALL = /^[[{\s]{1,20}["'](?:name|tool|function|action|tool_name|type)["']\s{0,9}:/;
