// Owns: writing a ModelRequest as the body of POST /responses. Pure. Nothing is stored at the provider: reasoning comes
// encrypted with each reply and is sent back with the calls that it led to.
import type OpenAI from "openai";
import type {
  Json,
  JsonObject,
  Message,
  ModelRequest,
  Part,
  ToolCall,
  ToolSpec,
} from "../../../contracts/index.ts";
import { writeArguments, extraFor, findMarkedMessages } from "./chat-messages.ts";
import type { Sampling } from "./chat-request.ts";
import type { Dialect } from "../../catalogue/dialect.ts";
import { applyProtocol } from "./protocols.ts";
import { isJsonObject, listOf } from "../../../core/untrusted.ts";

type ResponsesBody = OpenAI.Responses.ResponseCreateParams;
type InputItem = OpenAI.Responses.ResponseInputItem;

/** The body of POST /responses. `origin` marks `extra`: only what came from the same origin is sent back. */
export function writeResponsesBody(
  model: string,
  origin: string,
  request: ModelRequest,
  dialect: Dialect,
  { temperature, maxOutputTokens, reasoningEffort }: Sampling,
): ResponsesBody {
  const source = applyProtocol(request, dialect);
  const breakpoints = findMarkedMessages(source);
  return {
    model,
    input: source.messages.flatMap((message, index) =>
      toInputItems(message, origin, dialect, breakpoints.has(index)),
    ),
    ...toolFieldsOf(source, dialect),
    store: false,
    stream: dialect.stream,
    ...(dialect.encryptedReasoning ? { include: ["reasoning.encrypted_content" as const] } : {}),
    ...(dialect.temperature && temperature !== null ? { temperature } : {}),
    ...(dialect.reasoningEffort && reasoningEffort !== null
      ? { reasoning: { effort: reasoningEffort } }
      : {}),
    ...(dialect.maxTokens.length > 0 && maxOutputTokens !== null
      ? { max_output_tokens: maxOutputTokens }
      : {}),
  };
}

function toolFieldsOf(
  { tools, toolChoice }: ModelRequest,
  dialect: Dialect,
): Pick<ResponsesBody, "tools" | "tool_choice"> {
  if (tools.length === 0) return {};
  const sent = { tools: tools.map(toResponsesTool) };
  if (dialect.toolChoice === "omitted") return sent;
  if (typeof toolChoice === "string") return { ...sent, tool_choice: toolChoice };
  if (dialect.toolChoice !== "named") return { ...sent, tool_choice: dialect.toolChoice };
  return { ...sent, tool_choice: { type: "function", name: toolChoice.tool } };
}

function toResponsesTool({ name, description, parameters }: ToolSpec): OpenAI.Responses.FunctionTool {
  return { type: "function", name, description, parameters: { ...parameters }, strict: false };
}

function toInputItems(message: Message, origin: string, dialect: Dialect, breakpoint: boolean): InputItem[] {
  if (message.role === "assistant") return toAssistantItems(message.text, message.calls, origin);
  if (message.role === "tool") {
    const output = toToolOutput(message.content, dialect, breakpoint);
    return [{ type: "function_call_output", call_id: message.callId, output }];
  }
  const role = message.role === "user" ? "user" : (dialect.systemRole[0] ?? "user");
  const parts = message.content.map((part) => toInputPart(part, dialect));
  return [{ role, content: markLast(parts, dialect, breakpoint) }];
}

type InputPart = OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage;

function toInputPart(part: Part, { images }: Dialect): InputPart {
  if (part.type === "text") return { type: "input_text", text: part.text };
  if (images === "none") return { type: "input_text", text: `[picture (${part.mime}): not shown]` };
  return { type: "input_image", detail: "auto", image_url: `data:${part.mime};base64,${part.base64}` };
}

function markLast(parts: InputPart[], { breakpoints }: Dialect, breakpoint: boolean): InputPart[] {
  if (!breakpoint || breakpoints !== "openai") return parts;
  return parts.map((part, index) =>
    index === parts.length - 1 ? { ...part, prompt_cache_breakpoint: { mode: "explicit" as const } } : part,
  );
}

/** In this API the result of a tool may hold pictures. */
function toToolOutput(parts: readonly Part[], dialect: Dialect, breakpoint: boolean): string | InputPart[] {
  const plain = parts.every((part) => part.type === "text");
  if (plain && dialect.breakpoints !== "openai") return parts.map(({ text }) => text).join("\n");
  return markLast(
    parts.map((part) => toInputPart(part, dialect)),
    dialect,
    breakpoint,
  );
}

function toAssistantItems(text: string, calls: readonly ToolCall[], origin: string): InputItem[] {
  const [first] = calls;
  const spoken: InputItem[] = text === "" ? [] : [{ role: "assistant", content: text }];
  const plain = [...spoken, ...calls.map(toCallItem)];
  const kept = first === undefined ? [] : listOf(extraFor(origin, first, "message")["items"]);
  return kept.length === 0 ? plain : inReplyOrder(kept, spoken, calls);
}

function toCallItem(call: ToolCall): InputItem {
  return { type: "function_call", call_id: call.id, name: call.tool, arguments: writeArguments(call) };
}

/** Keeps the order of the reply, because reasoning must stand right before what it led to. Every call stands once. */
function inReplyOrder(
  kept: readonly Json[],
  spoken: readonly InputItem[],
  calls: readonly ToolCall[],
): InputItem[] {
  const items = kept.filter(isJsonObject);
  const speaks = items.findIndex(({ type }) => type === "message");
  const left = [...calls];
  const placed = items.flatMap((item, at) =>
    itemInPlace(item, at === speaks ? withPhase(spoken, item) : [], left),
  );
  return [...(speaks === -1 ? spoken : []), ...placed, ...left.map(toCallItem)];
}

/** Models that write text before they call tools want to be told which text was which. */
function withPhase(spoken: readonly InputItem[], { phase }: JsonObject): readonly InputItem[] {
  if (phase !== "commentary" && phase !== "final_answer") return spoken;
  return spoken.map((item) => ({ ...item, phase }));
}

/** Takes the call that stood there out of those that are `left`: of two with one id, the first. */
function itemInPlace(item: JsonObject, spoken: readonly InputItem[], left: ToolCall[]): readonly InputItem[] {
  if (item["type"] === "message") return spoken;
  if (item["type"] === "function_call") {
    const at = left.findIndex(({ id, extra }) => (extra?.["given"] ?? id) === item["call_id"]);
    return at === -1 ? [] : left.splice(at, 1).map(toCallItem);
  }
  // As it came from the same API: its type is `reasoning`.
  return [item as unknown as OpenAI.Responses.ResponseReasoningItem];
}
