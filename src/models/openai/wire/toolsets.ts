// Owns: our tools under the names and parameters that some models were trained on, in a request and back in its reply.
// Never changes what a tool does. Pure.
import type { JsonObject, Message, ModelRequest, ToolCall, ToolSpec } from "../../../contracts/index.ts";
import { isJsonObject, stringOf } from "../../../core/untrusted.ts";
import type { Dialect } from "../../catalogue/dialect.ts";
import { codeToolIn, type CodeTool } from "./protocol.ts";

/** A request as a model knows the tools, and the way back. */
export interface Translation {
  readonly request: ModelRequest;
  readonly toOwn: (calls: readonly ToolCall[]) => readonly ToolCall[];
}

/** The request in the dialect's tools. Where none of ours takes code, or none closes a round, it stays as it is. */
export function translateTools(request: ModelRequest, { toolset }: Dialect): Translation {
  const code = codeToolIn(request.tools);
  const closing = request.tools.find(({ closesRound }) => closesRound === true);
  if (toolset === "own" || code === undefined || closing === undefined)
    return { request, toOwn: (calls) => calls };
  const names = { code, closing: closing.name };
  const { toolChoice } = request;
  return {
    request: {
      ...request,
      tools: [RUN, ANSWER],
      toolChoice: typeof toolChoice === "object" ? { tool: foreignName(toolChoice.tool, names) } : toolChoice,
      messages: request.messages.map((message) => toForeignMessage(message, names)),
    },
    toOwn: (calls) => calls.map((call) => toOwnCall(call, names)),
  };
}

interface OwnToolNames {
  readonly code: CodeTool;
  readonly closing: string;
}

// The two tools of jupyter-agent. A model that does not think before it acts says in the comment why it does so.
const RUN: ToolSpec = {
  name: "add_and_execute_jupyter_code_cell",
  description:
    "Adds a Python code cell to the notebook and runs it. Variables and imports of earlier cells are there.",
  parameters: parametersOf({
    comment: "What this cell is to find out, and why, in one sentence.",
    code: "The Python code to run.",
  }),
  codeParameter: "code",
};
const ANSWER: ToolSpec = {
  name: "final_answer",
  description: "Ends the work, when the task is solved.",
  parameters: parametersOf({
    comment: "Why this is the answer, in one sentence.",
    answer: "What was found, in words.",
  }),
  closesRound: true,
};

function parametersOf(descriptions: Readonly<Record<string, string>>): JsonObject {
  const properties = Object.entries(descriptions).map(
    ([name, description]) => [name, { type: "string", description }] as const,
  );
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: Object.keys(descriptions),
    additionalProperties: false,
  };
}

function foreignName(tool: string, { code, closing }: OwnToolNames): string {
  if (tool === code.tool) return RUN.name;
  return tool === closing ? ANSWER.name : tool;
}

function toForeignMessage(message: Message, names: OwnToolNames): Message {
  if (message.role !== "assistant") return message;
  return { ...message, calls: message.calls.map((call) => toForeignCall(call, names)) };
}

function toForeignCall(call: ToolCall, names: OwnToolNames): ToolCall {
  const tool = foreignName(call.tool, names);
  const args = call.arguments;
  if (!isJsonObject(args) || tool === call.tool) return { ...call, tool };
  if (tool === ANSWER.name) return { ...call, tool, arguments: { answer: stringOf(args["summary"]) } };
  const { [names.code.parameter]: source = "", ...others } = args;
  return { ...call, tool, arguments: { ...others, code: source } };
}

/** A call that lacks what it should have keeps what it has: our own tool says what is missing. */
function toOwnCall(call: ToolCall, { code, closing }: OwnToolNames): ToolCall {
  const args = call.arguments;
  if (call.tool === RUN.name) {
    if (!isJsonObject(args)) return { ...call, tool: code.tool };
    const { code: source, ...others } = args;
    const written = source === undefined ? {} : { [code.parameter]: source };
    return { ...call, tool: code.tool, arguments: { ...written, ...others } };
  }
  if (call.tool !== ANSWER.name) return call;
  if (!isJsonObject(args)) return { ...call, tool: closing };
  const summary = [args["answer"], args["comment"]].map(stringOf).filter((text) => text !== "");
  return { ...call, tool: closing, arguments: { summary: summary.join("\n\n") } };
}
