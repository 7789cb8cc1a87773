// Owns: a turn as messages: the reply as it came, then the result of each call; a picture is sent once.
import { cleanJson, cleanText } from "./untrusted.ts";
import type { ImagePart, Message, ModelReply, ToolOutcome, Part } from "../contracts/index.ts";

/** A message of text. */
export function textMessage(role: "system" | "user", text: string): Message {
  return { role, content: [{ type: "text", text }] };
}

/** All the words of a message, calls included, and its pictures. */
export function contentOf(message: Message): {
  readonly text: string;
  readonly images: readonly ImagePart[];
} {
  if (message.role === "assistant") {
    const calls = message.calls.map((call) => `${call.tool}${JSON.stringify(call.arguments)}`);
    return { text: [message.text, ...calls].join("\n"), images: [] };
  }
  const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return { text: texts.join("\n"), images: message.content.filter((part) => part.type === "image") };
}

/** The reply, then one result a call, in order. Pictures that are among the messages `before` are not shown again. */
export function turnMessages(
  reply: ModelReply,
  results: readonly ToolOutcome[],
  before: readonly Message[] = [],
): readonly Message[] {
  const calls = reply.calls.map((call) => ({ ...call, arguments: cleanJson(call.arguments) }));
  const said: Message = { role: "assistant", text: cleanText(reply.text), calls };
  const answers = withoutRepeatedPictures(results, before).map(({ call, content, isError }): Message => ({
    role: "tool",
    callId: call.id,
    content,
    isError,
  }));
  return [said, ...answers];
}

/** The results without pictures that are in `messages`, or earlier in the results; a line stands for them. */
export function withoutRepeatedPictures(
  results: readonly ToolOutcome[],
  messages: readonly Message[],
): readonly ToolOutcome[] {
  if (!results.some(({ content }) => content.some(isImage))) return results;
  const shown = new Set(messages.flatMap(picturesIn));
  return results.map((result) => {
    const content = result.content.filter((part) => !isImage(part) || !shown.has(part.base64));
    for (const part of content) if (isImage(part)) shown.add(part.base64);
    const repeated = result.content.length - content.length;
    if (repeated === 0) return result;
    const line = `(${repeated === 1 ? "a picture" : `${repeated} pictures`} as above, not sent again)`;
    return { ...result, content: [...content, { type: "text", text: line }] };
  });
}

function picturesIn(message: Message): readonly string[] {
  if (message.role === "assistant") return [];
  return message.content.filter(isImage).map(({ base64 }) => base64);
}

function isImage(part: Part): part is Extract<Part, { readonly type: "image" }> {
  return part.type === "image";
}
