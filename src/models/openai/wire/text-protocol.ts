// Owns: tools for models without native ones: described in the instructions, called in the text, answered by the user.
// Never parses a reply: `reading` does.
import type { Message, Part, ToolCall, ToolSpec } from "../../../contracts/index.ts";
import { demandInWords, exampleCall, type Protocol } from "./protocol.ts";

/** The name of its blocks, as `reading` names the forms of calls. */
export const SHOWN_FORM = "tool_call";

/** Calls as `<tool_call>` blocks of JSON, results as `<tool_response>` blocks. */
export function textProtocol(tools: readonly ToolSpec[]): Protocol {
  return {
    manual: writeManual(tools),
    imperative: () => `Call a tool with one <tool_call> block, for example ${exampleCall(tools)}.`,
    demand: demandInWords,
    asksAfterResults: false,
    write: writeMessage,
    grammar: () => "",
  };
}

/** It stands once, at the beginning, so that the prefix of the prompt never changes. */
function writeManual(tools: readonly ToolSpec[]): string {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ name, description, parameters }),
  );
  return [
    "# Tools",
    "To call a tool, write a block of exactly this form, with the arguments as one JSON object:",
    '<tool_call>\n{"name": "the tool", "arguments": {"parameter": "value"}}\n</tool_call>',
    "Write one block for each call, nothing after the last block, and wait: results come in <tool_response> blocks.",
    "The tools, one JSON object on each line:",
    ...lines,
  ].join("\n");
}

function writeMessage(message: Message): Message {
  if (message.role === "tool") return { role: "user", content: wrapResult(message.callId, message.content) };
  if (message.role !== "assistant" || message.calls.length === 0) return message;
  return { ...message, text: [message.text, ...message.calls.map(writeBlock)].join("\n").trim(), calls: [] };
}

/** A call in the form that the manual describes. */
function writeBlock(call: ToolCall): string {
  return `<tool_call>\n${JSON.stringify({ name: call.tool, arguments: call.arguments })}\n</tool_call>`;
}

function wrapResult(callId: string, content: readonly Part[]): readonly Part[] {
  return [
    { type: "text", text: `<tool_response id="${callId}">` },
    ...content,
    { type: "text", text: "</tool_response>" },
  ];
}
