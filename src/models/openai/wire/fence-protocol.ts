// Owns: a notebook for models that write code and call nothing: a block of Python a turn is a cell, its output comes back
// as words, and one word closes the round. Never parses a reply: `reading` does.
import type { Message, Part, ToolCall, ToolChoice, ToolSpec } from "../../../contracts/index.ts";
import { clipLine, isJsonObject, stringOf } from "../../../core/untrusted.ts";
import type { CodeTool, Protocol } from "./protocol.ts";

/** What a model says to close a round. */
export const CLOSING_WORD = "DONE";

// Without an example: a small model takes its code for its own (measured: 1 of 6 first cells of Qwen2.5-Coder 1.5B).
const MANUAL = "Write one ```python block in a reply: it is run as the next cell, and its output comes back.";

// Not "one short block": asked for that, the 1.5B guesses a number in place of writing code that finds one.
const IMPERATIVE = "Write the next cell as one ```python block and nothing else";

/**
 * The closing word is offered behind this many blocks. A small model that hears of it earlier says it at once (measured with
 * Qwen2.5-Coder 1.5B: 2 of 3 first replies, and both second ones).
 */
const BLOCKS_BEFORE_CLOSE = 3;

/** A block of lines of which none begins as its end does. */
const BLOCK = '"```python\\n" line+ "```"\nline ::= ([^`\\n] [^\\n]*)? "\\n"';

/** `messages`: the conversation, where results name their calls. */
export function fenceProtocol(
  tools: readonly ToolSpec[],
  code: CodeTool,
  messages: readonly Message[],
): Protocol {
  const closing = new Set(tools.filter(({ closesRound }) => closesRound === true).map(({ name }) => name));
  const calls = new Map(
    messages.flatMap((message) =>
      message.role === "assistant" ? message.calls.map((call) => [call.id, call.tool] as const) : [],
    ),
  );
  return {
    manual: MANUAL,
    imperative: (before) =>
      mayClose(before, code)
        ? `${IMPERATIVE}, or only the word ${CLOSING_WORD} when nothing can be better.`
        : `${IMPERATIVE}.`,
    demand: (choice) => demandOf(choice, closing),
    asksAfterResults: true,
    grammar: (before, choice) => {
      if (choice === "none") return "";
      if (typeof choice === "object") return closing.has(choice.tool) ? `root ::= "${CLOSING_WORD}"` : "";
      return `root ::= ${mayClose(before, code) ? `"${CLOSING_WORD}" | ` : ""}${BLOCK}`;
    },
    write: (message) => {
      if (message.role === "assistant") return writeReply(message.text, message.calls, code, closing);
      if (message.role !== "tool") return message;
      return { role: "user", content: writeResult(message.content, calls.get(message.callId) ?? "") };
    },
  };
}

function mayClose(messages: readonly Message[], { tool }: CodeTool): boolean {
  const calls = messages.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  return calls.filter((call) => call.tool === tool).length >= BLOCKS_BEFORE_CLOSE;
}

function demandOf(choice: ToolChoice, closing: ReadonlySet<string>): string {
  if (choice === "none") return "Answer in words, without code.";
  return typeof choice === "object" && closing.has(choice.tool) ? `Write ${CLOSING_WORD}.` : "";
}

function writeReply(
  text: string,
  calls: readonly ToolCall[],
  code: CodeTool,
  closing: ReadonlySet<string>,
): Message {
  const acts = calls.map((call) => {
    const source = isJsonObject(call.arguments) ? call.arguments[code.parameter] : undefined;
    if (call.tool === code.tool && typeof source === "string") return writeBlock(source);
    return closing.has(call.tool) ? CLOSING_WORD : `(I used ${call.tool}: ${describeArguments(call)})`;
  });
  // A small model writes its next reply like its last one: words before a block would come again each time, and longer.
  const words = calls.some((call) => call.tool === code.tool) ? "" : text;
  return { role: "assistant", text: [words, ...acts].filter((part) => part !== "").join("\n"), calls: [] };
}

function writeBlock(source: string): string {
  const marks = source.includes("```") ? "````" : "```";
  return `${marks}python\n${source.trimEnd()}\n${marks}`;
}

function describeArguments({ arguments: args }: ToolCall): string {
  if (!isJsonObject(args)) return "no arguments";
  const words = Object.entries(args).map(
    ([name, value]) => `${name} ${stringOf(value) || JSON.stringify(value)}`,
  );
  return words.length === 0 ? "no arguments" : clipLine(words.join(", "), 200);
}

/** `c7 ok 0.1s` and what follows it become the output of a cell; any other result is named after its tool. */
function writeResult(content: readonly Part[], tool: string): readonly Part[] {
  const [first, ...more] = content;
  if (first?.type !== "text") return [{ type: "text", text: `Output of ${tool}:` }, ...content];
  const [, id = "", status = "", rest = ""] = /^(c\d+) (\w+)[^\n]*\n?([\s\S]*)$/.exec(first.text) ?? [];
  if (id === "") return [{ type: "text", text: `Output of ${tool}:\n${first.text}` }, ...more];
  const title = status === "ok" ? `Output of ${id}:` : `Output of ${id} (${status}):`;
  return [{ type: "text", text: `${title}\n${rest === "" ? "(nothing was printed)" : rest}` }, ...more];
}
