// Owns: the conversation as chat-completion messages, in one endpoint's dialect. Pure.
import type OpenAI from "openai";
import type { ImagePart, Message, ModelRequest, Part, ToolCall } from "../../../contracts/index.ts";
import { argumentsText, extraFor } from "./chat-request.ts";
import type { Dialect } from "../../catalogue/dialect.ts";
import { asTextProtocol } from "./text-protocol.ts";

type Param = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;
type TextContent = OpenAI.Chat.Completions.ChatCompletionContentPartText;
type Marked = { readonly message: Message; readonly breakpoint: boolean };

/** The messages to send. Pictures in tool results follow in a user message: a tool message takes text only. */
export function chatMessages(origin: string, request: ModelRequest, dialect: Dialect): Param[] {
  const source = dialect.tools === "text" ? asTextProtocol(request) : request;
  const breakpoints = markedMessages(source);
  const sent: Param[] = [];
  let pictures: ImagePart[] = [];
  const flush = (): void => {
    if (pictures.length > 0) sent.push(pictureMessage(pictures));
    pictures = [];
  };
  for (const [index, message] of source.messages.entries()) {
    if (message.role !== "tool") flush();
    else if (dialect.images === "sent") pictures.push(...message.content.filter(isImage));
    const marked = { message, breakpoint: breakpoints.has(index) };
    sent.push(chatMessage(origin, marked, dialect, isLeading(source.messages, index)));
  }
  flush();
  return dialect.mergeTurns ? merged(sent) : sent;
}

/** Where breakpoints can be marked: an assistant's message takes no mark, so the one before it does. */
export function markedMessages({ messages, breakpoints }: ModelRequest): ReadonlySet<number> {
  return new Set(
    breakpoints.map((index) => messages.findLastIndex(({ role }, at) => at <= index && role !== "assistant")),
  );
}

/** Only the instructions at the beginning are sent as such: many chat templates refuse later ones. */
function isLeading(messages: readonly Message[], index: number): boolean {
  return messages.slice(0, index).every(({ role }) => role === "system");
}

function chatMessage(origin: string, marked: Marked, dialect: Dialect, leading: boolean): Param {
  const { message } = marked;
  if (message.role === "assistant") return assistantMessage(origin, message.text, message.calls);
  if (message.role === "user") return { role: "user", content: content(marked, message.content, dialect) };
  const words = textContent(marked, message.content, dialect);
  if (message.role === "tool") return { role: "tool", tool_call_id: message.callId, content: words };
  return { role: leading ? (dialect.systemRole[0] ?? "user") : "user", content: words };
}

function assistantMessage(origin: string, text: string, calls: readonly ToolCall[]): Param {
  const [first] = calls;
  if (first === undefined) return { role: "assistant", content: text === "" ? "(no text)" : text };
  return {
    ...extraFor(origin, first, "message"),
    role: "assistant",
    content: text === "" ? null : text,
    tool_calls: calls.map((call) => ({
      ...extraFor(origin, call, "call"),
      id: call.id,
      type: "function",
      function: { name: call.tool, arguments: argumentsText(call) },
    })),
  };
}

/** A plain string where that says it all: the form that every server takes. */
function content(marked: Marked, parts: readonly Part[], dialect: Dialect): string | ContentPart[] {
  if (dialect.images === "none" || !parts.some(isImage)) return textContent(marked, parts, dialect);
  return markLast(marked, parts.map(contentPart), dialect);
}

function textContent(marked: Marked, parts: readonly Part[], dialect: Dialect): string | TextContent[] {
  const texts = parts.map((part) => (isImage(part) ? imageWords(part, dialect) : part.text));
  if (dialect.breakpoints === "none") return texts.join("\n");
  const some = texts.length === 0 ? [""] : texts;
  return markLast(
    marked,
    some.map((text): TextContent => ({ type: "text", text })),
    dialect,
  );
}

function markLast<P extends ContentPart>({ breakpoint }: Marked, parts: P[], dialect: Dialect): P[] {
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

function contentPart(part: Part): ContentPart {
  if (part.type === "text") return { type: "text", text: part.text };
  return { type: "image_url", image_url: { url: `data:${part.mime};base64,${part.base64}` } };
}

function imageWords({ mime }: ImagePart, { images }: Dialect): string {
  return images === "sent" ? `[picture (${mime}): see the next message]` : `[picture (${mime}): not shown]`;
}

function pictureMessage(pictures: readonly ImagePart[]): Param {
  const words = `The picture${pictures.length === 1 ? "" : "s"} from the tool results above, in order:`;
  return { role: "user", content: [{ type: "text", text: words }, ...pictures.map(contentPart)] };
}

/** Neighbouring messages of the user as one. */
function merged(messages: readonly Param[]): Param[] {
  const result: Param[] = [];
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
