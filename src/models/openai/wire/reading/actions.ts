// Owns: the actions that were read in a reply, as a type, and a reply's text without them. Pure.
import type { Json, JsonObject, ToolChoice, ToolSpec } from "../../../../contracts/index.ts";

export interface ReadCall {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** `template`: in the marks of a chat template; `text`: in another form; `code`: as a block of code; `word`: the closing word. */
export type ActionKind = "template" | "text" | "code" | "word" | "none";

export interface ReadActions {
  /** The text without the actions. */
  readonly text: string;
  readonly calls: readonly ReadCall[];
  /** The form in which they were written, in a word or two; empty where there are none. */
  readonly form: string;
  readonly kind: ActionKind;
  /** Why something that looks like an action was not carried out; empty where nothing does. */
  readonly unread: string;
}

export interface ReadContext {
  readonly tools: readonly ToolSpec[];
  readonly toolChoice: ToolChoice;
  /** How the reply ended early (`was cut off at the output limit of 600 tokens`); empty where it did not. */
  readonly cut: string;
  /** The word that closes a round, where the model was told of one. */
  readonly closingWord: string;
}

/** A reply in which nothing is carried out. */
export function noActions(text: string, unread: string): ReadActions {
  return { text, calls: [], form: "", kind: "none", unread };
}

/** Whether a call of the tool ends the round. */
export function closesRound(tool: string, tools: readonly ToolSpec[]): boolean {
  return tools.some((spec) => spec.name === tool && spec.closesRound === true);
}

/** The call as it is handed on. */
export function toReadCall({
  tool,
  arguments: args,
}: {
  readonly tool: string;
  readonly arguments: Json;
}): ReadCall {
  return { tool, arguments: args as JsonObject };
}

/** The text without some of its parts. */
export function withoutSpans(
  text: string,
  spans: readonly { readonly from: number; readonly to: number }[],
): string {
  let rest = "";
  let at = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (from > at) rest += text.slice(at, from);
    at = Math.max(at, to);
  }
  return tidyText(rest + text.slice(at));
}

/** The text without the gaps that were left in it. */
export function tidyText(text: string): string {
  return text.replaceAll(/\n{3,}/g, "\n\n").trim();
}
