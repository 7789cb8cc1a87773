// Owns: tools for models without native ones: described in the instructions, called in the text, answered by the user.
// Never parses a reply: `text-calls.ts` reads the calls.
import type {
  Message,
  ModelRequest,
  Part,
  ToolCall,
  ToolChoice,
  ToolSpec,
} from "../../../contracts/index.ts";

/** The same conversation without tool messages. It has as many messages as before, so that positions stay valid. */
export function toTextProtocol(request: ModelRequest): ModelRequest {
  const { tools, toolChoice, messages } = request;
  const [first, ...rest] = messages;
  if (tools.length === 0 || first === undefined) return request;
  const manual = writeManual(tools);
  const opened: Message =
    first.role === "system" ? { ...first, content: [...first.content, toTextPart(manual)] } : first;
  const written = [opened, ...rest].map(toTextMessage);
  return { ...request, tools: [], messages: addReminder(written, toolChoice) };
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

function toTextMessage(message: Message): Message {
  if (message.role === "tool") return { role: "user", content: wrapResult(message.callId, message.content) };
  if (message.role !== "assistant" || message.calls.length === 0) return message;
  return { ...message, text: [message.text, ...message.calls.map(writeCall)].join("\n").trim(), calls: [] };
}

/** A call in the form that the manual describes. */
function writeCall(call: ToolCall): string {
  return `<tool_call>\n${JSON.stringify({ name: call.tool, arguments: call.arguments })}\n</tool_call>`;
}

function wrapResult(callId: string, content: readonly Part[]): readonly Part[] {
  return [toTextPart(`<tool_response id="${callId}">`), ...content, toTextPart("</tool_response>")];
}

/** Asks for what cannot be demanded, at the very end, so that later prompts do not contain it. */
function addReminder(messages: readonly Message[], choice: ToolChoice): readonly Message[] {
  const last = messages.at(-1);
  if (choice === "auto" || last === undefined || last.role === "assistant") return messages;
  const words =
    choice === "none"
      ? "Answer in words; call no tool now."
      : `Call the tool ${choice.tool} now, and only that.`;
  return [...messages.slice(0, -1), { ...last, content: [...last.content, toTextPart(words)] }];
}

function toTextPart(words: string): Part {
  return { type: "text", text: words };
}
