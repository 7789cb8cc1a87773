// Owns: a ModelRequest written as the body of a chat completion, in one endpoint's dialect. Pure.
import type OpenAI from "openai";
import type { JsonObject, ModelRequest, ToolCall, ToolSpec } from "../../../contracts/index.ts";
import { chatMessages } from "./chat-messages.ts";
import type { Dialect } from "../../catalogue/dialect.ts";

/** What a person chose about the model, whatever the endpoint takes. */
export interface Sampling {
  readonly temperature: number | null;
  readonly maxOutputTokens: number | null;
  readonly reasoningEffort: OpenAI.ReasoningEffort | null;
}

type ChatBody = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** The body of POST /chat/completions. `origin`: what `extra` is marked with. */
export function chatBody(
  model: string,
  origin: string,
  request: ModelRequest,
  dialect: Dialect,
  sampling: Sampling,
): ChatBody {
  const { temperature, maxOutputTokens, reasoningEffort } = sampling;
  const limit = dialect.maxTokens[0];
  return {
    model,
    messages: chatMessages(origin, request, dialect),
    ...toolFields(request, dialect),
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

function toolFields({ tools, toolChoice }: ModelRequest, dialect: Dialect): ToolFields {
  if (tools.length === 0 || dialect.tools === "text") return {};
  const sent = { tools: tools.map(toolSpec) };
  if (dialect.toolChoice === "omitted") return sent;
  return { ...sent, tool_choice: choiceIn(toolChoice, dialect) };
}

function toolSpec({ name, description, parameters }: ToolSpec): OpenAI.Chat.Completions.ChatCompletionTool {
  return { type: "function", function: { name, description, parameters: { ...parameters } } };
}

function choiceIn(
  choice: ModelRequest["toolChoice"],
  { toolChoice }: Dialect,
): OpenAI.Chat.Completions.ChatCompletionToolChoiceOption {
  if (typeof choice === "string") return choice;
  if (toolChoice === "named") return { type: "function", function: { name: choice.tool } };
  return toolChoice === "required" ? "required" : "auto";
}

/**
 * A call's arguments as text that every server can parse: templates of local servers parse them again, and
 * refuse the whole conversation over one call that is not a JSON object.
 */
export function argumentsText({ arguments: args }: ToolCall): string {
  const isPlain = typeof args === "object" && args !== null && !Array.isArray(args);
  return JSON.stringify(isPlain ? args : { invalid_arguments: args });
}

/** What a provider gave along with the call to have it back; nothing when another model's reply holds it. */
export function extraFor(origin: string, call: ToolCall, part: "call" | "message"): JsonObject {
  if (call.extra?.["from"] !== origin) return {};
  const kept = call.extra[part];
  return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? (kept as JsonObject) : {};
}
