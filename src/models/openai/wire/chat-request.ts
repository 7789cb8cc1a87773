// Owns: writing a ModelRequest as the body of a chat completion, in one endpoint's dialect. Pure.
import type OpenAI from "openai";
import type { ModelRequest, ToolSpec } from "../../../contracts/index.ts";
import { writeChatMessages } from "./chat-messages.ts";
import { applyProtocol, grammarIn } from "./protocols.ts";
import type { Dialect } from "../../catalogue/dialect.ts";

/** The user's choices about the model; null where there is none. Sent where the endpoint accepts them. */
export interface Sampling {
  readonly temperature: number | null;
  readonly maxOutputTokens: number | null;
  readonly reasoningEffort: OpenAI.ReasoningEffort | null;
}

type ChatBody = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** The body of POST /chat/completions. `origin` marks `extra`: only what came from the same origin is sent back. */
export function writeChatBody(
  model: string,
  origin: string,
  request: ModelRequest,
  dialect: Dialect,
  sampling: Sampling,
): ChatBody {
  const { temperature, maxOutputTokens, reasoningEffort } = sampling;
  const limit = dialect.maxTokens[0];
  const source = applyProtocol(request, dialect);
  const grammar = grammarIn(request, dialect);
  return {
    model,
    messages: writeChatMessages(origin, source, dialect),
    ...toolFieldsOf(source, dialect),
    ...(grammar === "" ? {} : { grammar }),
    ...(dialect.seed ? { seed: request.seed } : {}),
    ...(dialect.temperature && temperature !== null ? { temperature } : {}),
    ...(dialect.reasoningEffort && reasoningEffort !== null ? { reasoning_effort: reasoningEffort } : {}),
    ...(limit !== undefined && maxOutputTokens !== null ? { [limit]: maxOutputTokens } : {}),
    ...(dialect.stream
      ? { stream: true, ...(dialect.streamUsage ? { stream_options: { include_usage: true } } : {}) }
      : { stream: false }),
  };
}

type ToolFields = Pick<ChatBody, "tools" | "tool_choice">;

function toolFieldsOf({ tools, toolChoice }: ModelRequest, dialect: Dialect): ToolFields {
  if (tools.length === 0) return {};
  const sent = { tools: tools.map(toChatTool) };
  if (dialect.toolChoice === "omitted") return sent;
  return { ...sent, tool_choice: toChatChoice(toolChoice, dialect) };
}

function toChatTool({ name, description, parameters }: ToolSpec): OpenAI.Chat.Completions.ChatCompletionTool {
  return { type: "function", function: { name, description, parameters: { ...parameters } } };
}

function toChatChoice(
  choice: ModelRequest["toolChoice"],
  { toolChoice }: Dialect,
): OpenAI.Chat.Completions.ChatCompletionToolChoiceOption {
  if (typeof choice === "string") return choice;
  if (toolChoice === "named") return { type: "function", function: { name: choice.tool } };
  return toolChoice === "required" ? "required" : "auto";
}
