// Owns: a turn as messages - the reply verbatim, then each call's result. For renderers.
import { withoutRepeatedPictures } from "./repeated-pictures.ts";
import type { ImagePart, Message, ModelReply, ToolOutcome } from "../contracts/index.ts";

/** A message of text. */
export function textMessage(role: "system" | "user", text: string): Message {
  return { role, content: [{ type: "text", text }] };
}

/** All the words of a message, calls included, and its pictures. */
export function textOf(message: Message): { readonly text: string; readonly images: readonly ImagePart[] } {
  if (message.role === "assistant") {
    const calls = message.calls.map((call) => `${call.tool}${JSON.stringify(call.arguments)}`);
    return { text: [message.text, ...calls].join("\n"), images: [] };
  }
  const texts = message.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return { text: texts.join("\n"), images: message.content.filter((part) => part.type === "image") };
}

/**
 * The reply, then one result a call, in order; a reply without calls is answered by a nudge to go on. Pictures that
 * are among the messages `before` are not shown again.
 */
export function turnMessages(
  reply: ModelReply,
  results: readonly ToolOutcome[],
  before: readonly Message[] = [],
): readonly Message[] {
  const said: Message = { role: "assistant", text: reply.text, calls: reply.calls };
  if (reply.calls.length === 0)
    return [said, textMessage("user", "Go on with the tools; finish_round closes the round.")];
  const answers = withoutRepeatedPictures(results, before).map(({ call, content, isError }): Message => ({
    role: "tool",
    callId: call.id,
    content,
    isError,
  }));
  return [said, ...answers];
}
