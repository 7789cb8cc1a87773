// Owns: asking a model, which may be a user's own, for a reply. Never judges what the reply says.
import { messageOf, ModelError, RunError } from "../../core/errors.ts";
import { partFailure, type OwnPart } from "../../core/own-part.ts";
import { isRecord } from "../../core/untrusted.ts";
import type { LanguageModel, ModelReply, ModelRequest } from "../../contracts/index.ts";

/**
 * @throws ModelError, RunError and, once the signal is aborted, anything, as the model threw it; RunError `model-failed`, with the
 * model's name and the line, for anything else that it throws and for what is no reply.
 */
export async function replyOf(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelReply> {
  const part: OwnPart = { kind: "model", name: model.name };
  let reply: unknown;
  try {
    reply = await model.reply(request, { signal });
  } catch (cause) {
    if (signal.aborted || cause instanceof ModelError || cause instanceof RunError) throw cause;
    throw partFailure(part, `threw: ${messageOf(cause)}`, cause);
  }
  if (isReply(reply)) return reply;
  throw partFailure(part, "gave no reply: an object with text, calls and usage");
}

function isReply(value: unknown): value is ModelReply {
  return (
    isRecord(value) &&
    typeof value["text"] === "string" &&
    Array.isArray(value["calls"]) &&
    isRecord(value["usage"])
  );
}
