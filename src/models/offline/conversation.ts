// Owns: reading what the offline model needs from a conversation: its text, and the calls of the round with their results.
// Depends on the names of tools and on the model's own words, never on the wording of a prompt.
import { isJsonObject } from "../../core/untrusted.ts";
import type { Message, ModelRequest, Part, ToolCall } from "../../contracts/index.ts";

/** What the model decides from. */
export interface Situation {
  /** The calls of the round being played that have a result, in order. */
  readonly calls: readonly AnsweredCall[];
  /** All text of the conversation, in order, without calls. */
  readonly text: string;
  /** The plan of the round being played; empty when it is not visible. */
  readonly plan: string;
  /** The seed of this turn alone. */
  readonly seed: number;
  /** The name of the tool that closes a round. */
  readonly closingTool: string;
}

/** A call of this round and its result. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly text: string;
  readonly isError: boolean;
  /** The cell that the result is about; null where it names none. */
  readonly cell: string | null;
}

/** What every plan of the offline model begins with, by which it recognises its own plans. */
export const PLAN_TITLE = "Offline search, without a language model.";

export function readSituation({ messages, seed, tools, toolChoice }: ModelRequest): Situation {
  // The only tool that is ever demanded is one that closes the round.
  const demanded = typeof toolChoice === "object" ? toolChoice.tool : undefined;
  const closingTool = demanded ?? tools.find(({ closesRound }) => closesRound === true)?.name ?? "";
  const round = messages.slice(findRoundStart(messages, closingTool));
  const [first] = round;
  return {
    calls: round.flatMap((message, at) =>
      message.role === "assistant"
        ? message.calls.flatMap((call) => findResult(call, round.slice(at + 1)) ?? [])
        : [],
    ),
    text: messages.map((message) => textOf(message)).join("\n"),
    plan: first?.role === "assistant" && isPlan(first) ? first.text : "",
    seed,
    closingTool,
  };
}

/** The source that a call runs; empty when it runs none. */
export function sourceOf({ call }: AnsweredCall): string {
  const value = isJsonObject(call.arguments) ? call.arguments["source"] : undefined;
  return typeof value === "string" ? value : "";
}

/** The last line of a result: of a traceback, what was wrong. */
export function lastLineOf(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
}

/** The index of the round's plan where it is visible, else after the last round that was closed. */
function findRoundStart(messages: readonly Message[], closingTool: string): number {
  const plan = messages.findLastIndex((message) => message.role === "assistant" && isPlan(message));
  const closed = messages.findLastIndex(
    (message, at) =>
      message.role === "assistant" &&
      message.calls.some(
        (call) => call.tool === closingTool && findResult(call, messages.slice(at + 1))?.isError === false,
      ),
  );
  return Math.max(plan, closed + 1, 0);
}

function isPlan(message: Extract<Message, { role: "assistant" }>): boolean {
  return message.calls.length === 0 && message.text.startsWith(PLAN_TITLE);
}

function findResult(call: ToolCall, after: readonly Message[]): AnsweredCall | null {
  const result = after.find((message) => message.role === "tool" && message.callId === call.id);
  if (result?.role !== "tool") return null;
  const text = textOfParts(result.content);
  const cell = /^(\S+) (?:#\d+ )?(?:ok|error|interrupted|died)\b/.exec(text)?.[1] ?? null;
  return { call, text, isError: result.isError, cell };
}

function textOf(message: Message): string {
  return message.role === "assistant" ? message.text : textOfParts(message.content);
}

function textOfParts(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}
