// Owns: writing the conversation as chat-completion messages, in one endpoint's dialect. Pure.
import type OpenAI from "openai";
import type {
  ImagePart,
  JsonObject,
  Message,
  ModelRequest,
  Part,
  ToolCall,
} from "../../../contracts/index.ts";
import type { Dialect } from "../../catalogue/dialect.ts";
import { isJsonObject, recordOf } from "../../../core/untrusted.ts";
import { toShortId } from "./call-ids.ts";

type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;
type TextContent = OpenAI.Chat.Completions.ChatCompletionContentPartText;
type MarkedMessage = { readonly message: Message; readonly breakpoint: boolean };

/** Pictures in tool results follow in a user message, because a tool message holds only text. */
export function writeChatMessages(origin: string, source: ModelRequest, dialect: Dialect): ChatMessage[] {
  const breakpoints = findMarkedMessages(source);
  const sent: ChatMessage[] = [];
  let pictures: ImagePart[] = [];
  const flush = (): void => {
    if (pictures.length > 0) sent.push(toPictureMessage(pictures));
    pictures = [];
  };
  for (const [index, message] of source.messages.entries()) {
    if (message.role !== "tool") flush();
    else if (dialect.images === "sent") pictures.push(...message.content.filter(isImage));
    const marked = { message, breakpoint: breakpoints.has(index) };
    sent.push(toChatMessage(origin, marked, dialect, isLeading(source.messages, index)));
  }
  flush();
  return dialect.mergeTurns ? mergeTurns(sent) : sent;
}

/** Where breakpoints can be marked: an assistant's message cannot be, so the message before it is. */
export function findMarkedMessages({ messages, breakpoints }: ModelRequest): ReadonlySet<number> {
  return new Set(
    breakpoints.map((index) => messages.findLastIndex(({ role }, at) => at <= index && role !== "assistant")),
  );
}

/** Only the instructions at the beginning keep their role, because many chat templates refuse later ones. */
function isLeading(messages: readonly Message[], index: number): boolean {
  return messages.slice(0, index).every(({ role }) => role === "system");
}

function toChatMessage(
  origin: string,
  marked: MarkedMessage,
  dialect: Dialect,
  leading: boolean,
): ChatMessage {
  const { message } = marked;
  if (message.role === "assistant") return toAssistantMessage(origin, message, dialect);
  if (message.role === "user")
    return { role: "user", content: toUserContent(marked, message.content, dialect) };
  const words = toTextContent(marked, message.content, dialect);
  if (message.role === "tool")
    return { role: "tool", tool_call_id: idIn(dialect, message.callId), content: words };
  return { role: leading ? (dialect.systemRole[0] ?? "user") : "user", content: words };
}

function toAssistantMessage(
  origin: string,
  { text, calls }: Extract<Message, { readonly role: "assistant" }>,
  dialect: Dialect,
): ChatMessage {
  const [first] = calls;
  if (first === undefined) return { role: "assistant", content: text === "" ? "(no text)" : text };
  return {
    ...extraFor(origin, first, "message"),
    role: "assistant",
    content: text === "" && dialect.noWords === "null" ? null : text,
    tool_calls: calls.map((call) => ({
      ...extraFor(origin, call, "call"),
      id: idIn(dialect, call.id),
      type: "function",
      function: { name: call.tool, arguments: writeArguments(call) },
    })),
  };
}

function idIn({ callIds }: Dialect, id: string): string {
  return callIds === "short" ? toShortId(id) : id;
}

/** A plain string where it is enough, because every server accepts that form. */
function toUserContent(
  marked: MarkedMessage,
  parts: readonly Part[],
  dialect: Dialect,
): string | ContentPart[] {
  if (dialect.images === "none" || !parts.some(isImage)) return toTextContent(marked, parts, dialect);
  return markLast(marked, parts.map(toContentPart), dialect);
}

function toTextContent(
  marked: MarkedMessage,
  parts: readonly Part[],
  dialect: Dialect,
): string | TextContent[] {
  const texts = parts.map((part) => (isImage(part) ? describePicture(part, dialect) : part.text));
  if (dialect.breakpoints === "none") return texts.join("\n");
  const some = texts.length === 0 ? [""] : texts;
  return markLast(
    marked,
    some.map((text): TextContent => ({ type: "text", text })),
    dialect,
  );
}

function markLast<P extends ContentPart>({ breakpoint }: MarkedMessage, parts: P[], dialect: Dialect): P[] {
  if (!breakpoint || dialect.breakpoints === "none") return parts;
  const mark =
    dialect.breakpoints === "openai"
      ? { prompt_cache_breakpoint: { mode: "explicit" as const } }
      : { cache_control: { type: "ephemeral" } };
  return parts.map((part, index) => (index === parts.length - 1 ? { ...part, ...mark } : part));
}

function isImage(part: Part): part is ImagePart {
  return part.type === "image";
}

function toContentPart(part: Part): ContentPart {
  if (part.type === "text") return { type: "text", text: part.text };
  return { type: "image_url", image_url: { url: `data:${part.mime};base64,${part.base64}` } };
}

function describePicture({ mime }: ImagePart, { images }: Dialect): string {
  return images === "sent" ? `[picture (${mime}): see the next message]` : `[picture (${mime}): not shown]`;
}

function toPictureMessage(pictures: readonly ImagePart[]): ChatMessage {
  const words = `The picture${pictures.length === 1 ? "" : "s"} from the tool results above, in order:`;
  return { role: "user", content: [{ type: "text", text: words }, ...pictures.map(toContentPart)] };
}

/** Joins consecutive user messages. */
function mergeTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.role !== "user" || last?.role !== "user") result.push(message);
    else result[result.length - 1] = { role: "user", content: [...partsOf(last), ...partsOf(message)] };
  }
  return result;
}

function partsOf({ content }: OpenAI.Chat.Completions.ChatCompletionUserMessageParam): ContentPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/**
 * The arguments of a call as text that every server can parse: the chat templates of local servers parse them again,
 * and refuse the whole conversation over one call whose arguments are not a JSON object.
 */
export function writeArguments({ arguments: args }: ToolCall): string {
  return JSON.stringify(isJsonObject(args) ? args : { invalid_arguments: args });
}

/** What the provider sent with the call and wants back; nothing when the call came from another model. */
export function extraFor(origin: string, call: ToolCall, part: "call" | "message"): JsonObject {
  if (call.extra?.["from"] !== origin) return {};
  return recordOf(call.extra[part]);
}
