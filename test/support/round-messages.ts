// Owns: finding the present round in a request, for scripted models: a prompt may hold earlier rounds too.
import type { Message } from "../../src/contracts/index.ts";

/** The messages after the last header of a round. */
export function roundMessages(messages: readonly Message[]): readonly Message[] {
  const header = messages.findLastIndex(
    (message) =>
      message.role === "user" &&
      message.content.some((part) => part.type === "text" && /^# Round\n/m.test(part.text)),
  );
  return messages.slice(header + 1);
}
