// Owns: showing a picture once. A model that has it in its prompt is told where, and not sent it again.
import type { Message, Part, ToolOutcome } from "../contracts/index.ts";

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
