// Owns: a ModelRequest written as the body of POST /responses. Pure. Nothing is stored at the provider: reasoning
// comes back encrypted with each reply and is passed back with the calls that it led to.
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
import { markedMessages } from "./chat-messages.ts";
import { argumentsText, extraFor, type Sampling } from "./chat-request.ts";
import type { Dialect } from "../../catalogue/dialect.ts";
import { asTextProtocol } from "./text-protocol.ts";
import { isObject, listIn } from "./untrusted-json.ts";

type Body = OpenAI.Responses.ResponseCreateParams;
type Item = OpenAI.Responses.ResponseInputItem;

/** The body of POST /responses. `origin`: what `extra` is marked with. */
export function responsesBody(
  model: string,
  origin: string,
  request: ModelRequest,
  dialect: Dialect,
  { temperature, maxOutputTokens, reasoningEffort }: Sampling,
): Body {
  const source = dialect.tools === "text" ? asTextProtocol(request) : request;
  const breakpoints = markedMessages(source);
  return {
    model,
    input: source.messages.flatMap((message, index) =>
      inputItems(message, origin, dialect, breakpoints.has(index)),
    ),
    ...toolFields(source, dialect),
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

function toolFields(
  { tools, toolChoice }: ModelRequest,
  dialect: Dialect,
): Pick<Body, "tools" | "tool_choice"> {
  if (tools.length === 0 || dialect.tools === "text") return {};
  const sent = { tools: tools.map(toolSpec) };
  if (dialect.toolChoice === "omitted") return sent;
  if (typeof toolChoice === "string") return { ...sent, tool_choice: toolChoice };
  if (dialect.toolChoice !== "named") return { ...sent, tool_choice: dialect.toolChoice };
  return { ...sent, tool_choice: { type: "function", name: toolChoice.tool } };
}

function toolSpec({ name, description, parameters }: ToolSpec): OpenAI.Responses.FunctionTool {
  return { type: "function", name, description, parameters: { ...parameters }, strict: false };
}

function inputItems(message: Message, origin: string, dialect: Dialect, breakpoint: boolean): Item[] {
  if (message.role === "assistant") return assistantItems(message.text, message.calls, origin);
  if (message.role === "tool") {
    const output = toolOutput(message.content, dialect, breakpoint);
    return [{ type: "function_call_output", call_id: message.callId, output }];
  }
  const role = message.role === "user" ? "user" : (dialect.systemRole[0] ?? "user");
  const parts = message.content.map((part) => inputPart(part, dialect));
  return [{ role, content: marked(parts, dialect, breakpoint) }];
}

type InputPart = OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage;

function inputPart(part: Part, { images }: Dialect): InputPart {
  if (part.type === "text") return { type: "input_text", text: part.text };
  if (images === "none") return { type: "input_text", text: `[picture (${part.mime}): not shown]` };
  return { type: "input_image", detail: "auto", image_url: `data:${part.mime};base64,${part.base64}` };
}

function marked(parts: InputPart[], { breakpoints }: Dialect, breakpoint: boolean): InputPart[] {
  if (!breakpoint || breakpoints !== "openai") return parts;
  return parts.map((part, index) =>
    index === parts.length - 1 ? { ...part, prompt_cache_breakpoint: { mode: "explicit" as const } } : part,
  );
}

/** Here a tool's result may hold pictures itself. */
function toolOutput(parts: readonly Part[], dialect: Dialect, breakpoint: boolean): string | InputPart[] {
  const plain = parts.every((part) => part.type === "text");
  if (plain && dialect.breakpoints !== "openai") return parts.map(({ text }) => text).join("\n");
  return marked(
    parts.map((part) => inputPart(part, dialect)),
    dialect,
    breakpoint,
  );
}

function assistantItems(text: string, calls: readonly ToolCall[], origin: string): Item[] {
  const [first] = calls;
  const spoken: Item[] = text === "" ? [] : [{ role: "assistant", content: text }];
  const plain = [...spoken, ...calls.map(callItem)];
  const kept = first === undefined ? [] : listIn(extraFor(origin, first, "message")["items"]);
  return kept.length === 0 ? plain : inOrder(kept, spoken, calls);
}

function callItem(call: ToolCall): Item {
  return { type: "function_call", call_id: call.id, name: call.tool, arguments: argumentsText(call) };
}

/** Reasoning must stand right before what it led to: the order of the reply, with every call exactly once. */
function inOrder(kept: readonly Json[], spoken: readonly Item[], calls: readonly ToolCall[]): Item[] {
  const items = kept.filter(isObject);
  const placed = new Set(items.map((item) => item["call_id"]));
  const left = calls.filter(({ id }) => !placed.has(id)).map(callItem);
  const speaks = items.findIndex(({ type }) => type === "message");
  return [
    ...(speaks === -1 ? spoken : []),
    ...items.flatMap((item, at) => itemInPlace(item, at === speaks ? phased(spoken, item) : [], calls)),
    ...left,
  ];
}

/** Models that speak before they act want to hear again which was which. */
function phased(spoken: readonly Item[], { phase }: JsonObject): readonly Item[] {
  if (phase !== "commentary" && phase !== "final_answer") return spoken;
  return spoken.map((item) => ({ ...item, phase }));
}

function itemInPlace(item: JsonObject, spoken: readonly Item[], calls: readonly ToolCall[]): readonly Item[] {
  if (item["type"] === "message") return spoken;
  if (item["type"] === "function_call") return calls.filter(({ id }) => id === item["call_id"]).map(callItem);
  // As it came from the same API: its type is `reasoning`.
  return [item as unknown as OpenAI.Responses.ResponseReasoningItem];
}
