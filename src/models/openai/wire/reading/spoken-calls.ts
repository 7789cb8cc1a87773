// Owns: what calls the parts of a reply speak of, and what is wrong with those that cannot be carried out. Pure.
// Never decides whether a call was meant: `read-actions.ts` does.
import { isJsonObject } from "../../../../core/untrusted.ts";
import {
  argumentsOf,
  brokenCall,
  callsInValue,
  findTool,
  fitCall,
  looksLikeCall,
  namesOf,
  pythonDrafts,
  type FittedCall,
  type CallReader,
} from "./call-drafts.ts";
import { readElement } from "./elements.ts";
import { splitProgram } from "./python-calls.ts";
import type { ReplyPart } from "./reply-parts.ts";

/** A call that a part of a reply speaks of. */
export interface SpokenCall extends FittedCall {
  readonly from: number;
  readonly to: number;
  /** In the marks of a chat template: no example, but a call. */
  readonly strong: boolean;
  /** In the middle of a sentence. */
  readonly inline: boolean;
  /** The form, in a word or two. */
  readonly form: string;
}

/** What was read before a value and goes with it. */
interface Lead {
  readonly from: number;
  readonly to: number;
  readonly tool: string | null;
  readonly strong: boolean;
  readonly form: string;
}

interface Reader extends CallReader {
  readonly text: string;
}

/** The calls in all parts, in order. */
export function spokenCalls(reader: Reader, parts: readonly ReplyPart[]): readonly SpokenCall[] {
  return walk(reader, parts, null).calls;
}

interface Walked {
  readonly calls: readonly SpokenCall[];
  readonly lead: Lead | null;
}

function walk(reader: Reader, parts: readonly ReplyPart[], first: Lead | null): Walked {
  const calls: SpokenCall[] = [];
  let lead = first;
  for (const part of parts) {
    const near = lead !== null && isAdjacent(reader.text.slice(lead.to, part.from)) ? lead : null;
    const read = readPart(reader, part, near);
    calls.push(...read.calls);
    lead = read.lead;
  }
  return { calls, lead };
}

/** Only white space, separators or the opening of a fence: what follows belongs to what was before. */
function isAdjacent(between: string): boolean {
  return between.length < 80 && /^[\s:,;]*(?:json\s*)?$/.test(between);
}

function readPart(reader: Reader, part: ReplyPart, lead: Lead | null): Walked {
  const { from, to } = part;
  switch (part.kind) {
    case "mark":
      return {
        calls: [],
        lead: { from: lead?.from ?? from, to, tool: null, strong: true, form: formOf(part.name) },
      };
    case "header":
      return {
        calls: [],
        lead: { from: lead?.from ?? from, to, tool: part.tool, strong: part.strong, form: part.name },
      };
    case "fence":
      return readFence(reader, part, lead);
    case "element":
      return after(elementCalls(reader, part), part, lead);
    case "python":
      return after(pythonCalls(reader, part, lead), part, lead);
    case "value":
      return after(valueCalls(reader, part, lead), part, lead);
  }
}

/** Several calls may stand behind one mark. */
function after(calls: readonly SpokenCall[], { to }: ReplyPart, lead: Lead | null): Walked {
  return { calls, lead: lead === null ? null : { ...lead, to, tool: null } };
}

function formOf(mark: string): string {
  return mark.replaceAll(/[^\w▁]+/g, " ").trim();
}

function readFence(reader: Reader, part: Extract<ReplyPart, { kind: "fence" }>, lead: Lead | null): Walked {
  const { fence, inner, from, to } = part;
  if (fence.isPython && inner.length === 0) return { calls: [], lead: null };
  const [start] = inner;
  const within = lead !== null && start !== undefined ? { ...lead, to: start.from } : null;
  const { calls } = walk(reader, inner, within);
  const { body } = fence;
  // The fence goes with the calls where nothing else is in it.
  const isWhole =
    calls.length > 0 &&
    calls.reduce((left, call) => left - (call.to - call.from), body.trim().length) <= 8 * calls.length;
  const form = fence.tag === "" ? "fence" : `${fence.tag.slice(0, 20)} fence`;
  const placed = calls.map((call, at) => ({
    ...call,
    inline: false,
    form: call.strong ? call.form : form,
    ...(isWhole && { from: at === 0 ? from : to, to }),
  }));
  return { calls: placed, lead: lead === null ? null : { ...lead, to, tool: null } };
}

function place(
  { text }: Reader,
  part: ReplyPart,
  lead: Lead | null,
  form: string,
  drafts: readonly FittedCall[],
): readonly SpokenCall[] {
  const from = lead?.from ?? part.from;
  const strong = lead?.strong ?? part.kind === "element";
  const inline = lead === null && isInline(text, part.from, part.to);
  return drafts.map((draft, at) => ({
    ...draft,
    from: at === 0 ? from : part.to,
    to: part.to,
    strong,
    inline,
    form: lead?.form ?? form,
  }));
}

/** How many characters around a value say how it stands in its line. */
const NEAR = 200;

/** Words, and not the next value, go on behind it on its line, or it stands in backticks within a line. */
function isInline(text: string, from: number, to: number): boolean {
  const behind = text.slice(to, to + NEAR).split("\n", 1)[0] ?? "";
  const before =
    text
      .slice(Math.max(0, from - NEAR), from)
      .split("\n")
      .at(-1) ?? "";
  const goesOn = /\w/.test(behind) && !/^\s*(?:[,;]\s*)?[{[\]]/.test(behind);
  return goesOn || (before.endsWith("`") && /\w/.test(before));
}

function elementCalls(reader: Reader, part: Extract<ReplyPart, { kind: "element" }>): readonly SpokenCall[] {
  const spec = findTool(reader, part.tool);
  const args = part.closed ? readElement(part.body, spec?.parameters) : undefined;
  const draft =
    args === undefined ? brokenCall(reader, part.tool, part.closed) : fitCall(reader, part.tool, [args]);
  return place(reader, part, null, "function block", [draft]);
}

function pythonCalls(
  reader: Reader,
  part: Extract<ReplyPart, { kind: "python" }>,
  lead: Lead | null,
): readonly SpokenCall[] {
  if (!part.closed) return place(reader, part, lead, "Python call", [brokenCall(reader, "", false)]);
  const { code, calls } = splitProgram(part.source, namesOf(reader));
  return code === "" ? place(reader, part, lead, "Python call", pythonDrafts(reader.tools, calls)) : [];
}

function valueCalls(
  reader: Reader,
  part: Extract<ReplyPart, { kind: "value" }>,
  lead: Lead | null,
): readonly SpokenCall[] {
  const { value, text, closed } = part;
  if (value === undefined) {
    const program = text.startsWith("[") ? splitProgram(text, namesOf(reader)) : null;
    if (program !== null && program.code === "" && program.calls.length > 0 && !program.isMixed)
      return place(reader, part, lead, "Python call", pythonDrafts(reader.tools, program.calls));
    const isCall = lead !== null || looksLikeCall(reader, text);
    return isCall ? place(reader, part, lead, "JSON", [brokenCall(reader, lead?.tool ?? "", closed)]) : [];
  }
  const drafts =
    lead?.tool !== null && lead !== null
      ? isJsonObject(value)
        ? [fitCall(reader, lead.tool, [argumentsOf(value, lead.tool)])]
        : []
      : callsInValue(reader, value, lead !== null);
  return place(reader, part, lead, "JSON", drafts);
}
