// Owns: the arguments of a call as its tool takes them: code out of its fence or its list of lines, and text that is well formed.
// Only what can be meant in one way is mended; line ends become those of cells. Pure.
import { readCodeText } from "../../core/python/code-text.ts";
import { cleanJson, cleanSource, isJsonObject, recordOf } from "../../core/untrusted.ts";
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
  const read = Object.entries(whole).map(([name, sent]) => {
    const value = typeof sent === "string" ? cleanSource(sent) : sent;
    const code = names.has(name) && name in parameters ? readCodeText(value) : undefined;
    return { name, value, code: code === undefined || code === value ? null : code };
  });
  const forms = read.flatMap(({ name, value, code }) => (code === null ? [] : [describeForm(name, value)]));
  const fitted = Object.fromEntries(read.map(({ name, value, code }) => [name, code ?? value]));
  return { call: { ...call, arguments: fitted }, mended: [...halves, ...forms].join(" ") };
}

const HALF = "Half of a character in it became \uFFFD.";

function describeForm(name: string, value: Json): string {
  return typeof value === "string"
    ? `\`${name}\` was in a code fence: what is in it was taken. Give the code alone.`
    : `\`${name}\` was a list of lines: they were joined. Give one string.`;
}
