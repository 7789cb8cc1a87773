// Owns: the arguments of a call as its tool takes them: code out of its fence or its list of lines, and text that is well formed.
// Only what can be meant in one way is mended. Pure.
import { readCodeText } from "../../core/python/code-text.ts";
import { cleanJson, isJsonObject, recordOf } from "../../core/untrusted.ts";
import type { Json, Tool, ToolCall } from "../../contracts/index.ts";

export interface MendedCall {
  readonly call: ToolCall;
  /** What was mended, in sentences for the model; empty for nothing. */
  readonly mended: string;
}

/** `tools`: a parameter that holds code in one of them holds it in all. */
export function mendCall(call: ToolCall, tool: Tool, tools: readonly Tool[]): MendedCall {
  const given = call.arguments;
  const whole = cleanJson(given);
  const halves = JSON.stringify(whole) === JSON.stringify(given) ? [] : [HALF];
  if (!isJsonObject(whole)) return { call: { ...call, arguments: whole }, mended: halves.join(" ") };
  const parameters = recordOf(tool.parameters["properties"]);
  const names = new Set(tools.flatMap(({ codeParameter }) => codeParameter ?? []));
  const read = Object.entries(whole).map(([name, value]) => {
    const code = names.has(name) && name in parameters ? readCodeText(value) : undefined;
    return { name, value, code: code === undefined || code === value ? null : code };
  });
  const forms = read.flatMap(({ name, value, code }) => (code === null ? [] : [describeForm(name, value)]));
  const mended = [...halves, ...forms];
  if (mended.length === 0) return { call, mended: "" };
  const fitted = Object.fromEntries(read.map(({ name, value, code }) => [name, code ?? value]));
  return { call: { ...call, arguments: fitted }, mended: mended.join(" ") };
}

const HALF = "Half of a character in it became \uFFFD.";

function describeForm(name: string, value: Json): string {
  return typeof value === "string"
    ? `\`${name}\` was in a code fence: what is in it was taken. Give the code alone.`
    : `\`${name}\` was a list of lines: they were joined. Give one string.`;
}
