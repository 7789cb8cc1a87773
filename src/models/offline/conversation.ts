// Owns: what the offline model takes from a conversation - all its text, and the calls of the round being played
// with their results. Depends on tool names and on the model's own words, never on the wording of a prompt.
import { isJsonObject } from "../../core/untrusted.ts";
import type { Message, Part, ToolCall } from "../../contracts/index.ts";

/** A call of this round and what came of it. */
export interface Exchange {
  readonly call: ToolCall;
  readonly text: string;
  readonly isError: boolean;
  /** The cell that the result is about; null where it names none. */
  readonly cell: string | null;
}

/** What every plan of the offline model begins with; how it knows its own plans again. */
export const PLAN_TITLE = "Offline search, without a language model.";

/** All text of the conversation, in order, calls left out. */
export function textOf(messages: readonly Message[]): string {
  return messages
    .map((message) => (message.role === "assistant" ? message.text : partsText(message.content)))
    .join("\n");
}

/** The plan of the round being played; empty when it is not shown. */
export function planOf(messages: readonly Message[]): string {
  const [first] = messages.slice(roundStart(messages));
  return first?.role === "assistant" && isPlan(first) ? first.text : "";
}

/** The calls of the round being played that have a result, in order. */
export function exchangesOf(messages: readonly Message[]): readonly Exchange[] {
  const round = messages.slice(roundStart(messages));
  return round.flatMap((message, at) =>
    message.role === "assistant"
      ? message.calls.flatMap((call) => exchange(call, round.slice(at + 1)) ?? [])
      : [],
  );
}

/** The source that a call runs; empty when it runs none. */
export function sourceOf({ call }: Exchange): string {
  const value = isJsonObject(call.arguments) ? call.arguments["source"] : undefined;
  return typeof value === "string" ? value : "";
}

/** The end of a result: of a traceback, what was wrong. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
}

/** At the round's plan where it is shown, else after the last round that was closed. */
function roundStart(messages: readonly Message[]): number {
  const plan = messages.findLastIndex((message) => message.role === "assistant" && isPlan(message));
  const closed = messages.findLastIndex(
    (message, at) =>
      message.role === "assistant" &&
      message.calls.some(
        (call) => call.tool === "finish_round" && exchange(call, messages.slice(at + 1))?.isError === false,
      ),
  );
  return Math.max(plan, closed + 1, 0);
}

function isPlan(message: Extract<Message, { role: "assistant" }>): boolean {
  return message.calls.length === 0 && message.text.startsWith(PLAN_TITLE);
}

function exchange(call: ToolCall, after: readonly Message[]): Exchange | null {
  const result = after.find((message) => message.role === "tool" && message.callId === call.id);
  if (result?.role !== "tool") return null;
  const text = partsText(result.content);
  const cell = /^(\S+) (?:#\d+ )?(?:ok|error|interrupted|died)\b/.exec(text)?.[1] ?? null;
  return { call, text, isError: result.isError, cell };
}

function partsText(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}
