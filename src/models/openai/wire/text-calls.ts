// Owns: finding the calls that a model wrote in its text, in one of the common formats. Pure.
// Never takes an example for a call: a block must be closed and must name a tool that exists.
import type { Json, JsonObject } from "../../../contracts/index.ts";
import { readArguments, argumentsIn } from "./repair-call.ts";
import { isJsonObject, listOf, stringOf } from "../../../core/untrusted.ts";

export interface WrittenCall {
  readonly tool: string;
  readonly arguments: JsonObject;
}

export interface TextCalls {
  /** The text without the calls. */
  readonly text: string;
  readonly calls: readonly WrittenCall[];
  /** The format that was found; empty when there was none. */
  readonly format: string;
}

interface CallFormat {
  readonly name: string;
  readonly block: RegExp;
  /** The calls in a match; empty where the match is not a call. */
  readonly read: (match: RegExpMatchArray) => readonly WrittenCall[];
}

const FORMATS: readonly CallFormat[] = [
  {
    name: "tool_call block",
    block: /<tool_call>([\s\S]*?)<\/tool_call>/g,
    read: ([, body = ""]) => readBlock(body),
  },
  {
    name: "function block",
    block: /<function=([\w.-]+)>([\s\S]*?)<\/function>/g,
    read: (match) => readFunctionBlock(match),
  },
  {
    name: "invoke block",
    block: /<invoke name="([^"]+)">([\s\S]*?)<\/invoke>/g,
    read: ([, tool = "", body = ""]) => [{ tool, arguments: readParameters(body) }],
  },
  {
    name: "[TOOL_CALLS]",
    block: /\[TOOL_CALLS\]\s*(\[[\s\S]*\])/g,
    read: ([, body = ""]) => readJsonCalls(body),
  },
  {
    name: "python tag",
    block: /<\|python_tag\|>\s*(\{[\s\S]*\})/g,
    read: ([, body = ""]) => readJsonCalls(body),
  },
  {
    name: "harmony",
    block: /<\|channel\|>commentary to=functions\.([\w.-]+)[\s\S]*?<\|message\|>([\s\S]*?)<\|call\|>/g,
    read: ([, tool = "", body = ""]) => readCall(tool, body),
  },
  {
    name: "deepseek",
    block:
      /<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?([\w.-]+)(?:<｜tool▁sep｜>|\n)([\s\S]*?)<｜tool▁call▁end｜>/g,
    read: ([, tool = "", body = ""]) => readCall(tool, body),
  },
  {
    name: "fenced JSON",
    block: /```(?:json|tool_call|tool_code)?\s*\n([\s\S]*?)\n\s*```/g,
    read: ([, body = ""]) => readJsonCalls(body),
  },
  { name: "bare JSON", block: /^\s*([[{][\s\S]*[\]}])\s*$/g, read: ([, body = ""]) => readJsonCalls(body) },
];

/** Reads the calls in the first format that has any whose tools are all known. */
export function findTextCalls(text: string, isKnown: (tool: string) => boolean): TextCalls {
  for (const { name, block, read } of FORMATS) {
    const blocks = [...text.matchAll(block)].map((match) => ({ whole: match[0], calls: read(match) }));
    const real = blocks.filter(({ calls }) => calls.length > 0 && calls.every(({ tool }) => isKnown(tool)));
    if (real.length > 0) {
      const rest = real.reduce((left, { whole }) => left.replace(whole, () => ""), text);
      return { text: removeTags(rest), calls: real.flatMap(({ calls }) => calls), format: name };
    }
  }
  return { text, calls: [], format: "" };
}

function removeTags(text: string): string {
  return text
    .replaceAll(/<\/?(function_calls|tool_calls?)>|<｜tool▁calls▁(begin|end)｜>/g, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

function readBlock(body: string): readonly WrittenCall[] {
  const inner = /<function=([\w.-]+)>([\s\S]*?)<\/function>/.exec(body);
  return inner === null ? readJsonCalls(body) : readFunctionBlock(inner);
}

function readFunctionBlock([, tool = "", body = ""]: RegExpMatchArray): readonly WrittenCall[] {
  return body.includes("<parameter=") ? [{ tool, arguments: readParameters(body) }] : readCall(tool, body);
}

/** `<parameter=name>value</parameter>` or `<parameter name="name">value</parameter>`: text, unless it is JSON. */
function readParameters(body: string): JsonObject {
  const found = body.matchAll(/<parameter(?:=([\w.-]+)| name="([^"]+)")[^>]*>([\s\S]*?)<\/parameter>/g);
  return Object.fromEntries(
    [...found].map(([, short = "", long = "", value = ""]) => [short || long, readValue(value)]),
  );
}

function readValue(written: string): Json {
  const value = written.replace(/^\n/, "").replace(/\n$/, "");
  if (!/^\s*([[{]|-?\d|true\s*$|false\s*$|null\s*$)/.test(value)) return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

function readCall(tool: string, body: string): readonly WrittenCall[] {
  const { ok, arguments: args } = readArguments(body);
  return ok && isJsonObject(args) ? [{ tool, arguments: args }] : [];
}

/** `{ name, arguments }` in its variants, alone or in a list. */
function readJsonCalls(body: string): readonly WrittenCall[] {
  const read = readArguments(body.trim().startsWith("[") ? `{"calls": ${body}}` : body);
  if (!read.ok || !isJsonObject(read.arguments)) return [];
  const listed = body.trim().startsWith("[") ? listOf(read.arguments["calls"]) : [read.arguments];
  const calls = listed.map(readJsonCall);
  return calls.every((call) => call !== null) ? calls : [];
}

function readJsonCall(value: Json): WrittenCall | null {
  if (!isJsonObject(value)) return null;
  const inner = isJsonObject(value["function"]) ? value["function"] : value;
  const tool = stringOf(inner["name"]) || stringOf(inner["tool"]) || stringOf(inner["function"]);
  const hasArguments = ["arguments", "parameters", "input"].some((key) => key in inner);
  return tool !== "" && hasArguments ? { tool, arguments: argumentsIn(inner) } : null;
}
