// Owns: a served reply as the bytes of OpenAI's Responses API, streamed or whole. Pure.
import type { JsonObject } from "../../contracts/index.ts";
import type { ServedReply, StreamShape } from "./behaviour.ts";
import { argumentsOf, pieces } from "./chat-wire.ts";

const USAGE: JsonObject = {
  input_tokens: 100,
  output_tokens: 20,
  total_tokens: 120,
  input_tokens_details: { cached_tokens: 40, cache_write_tokens: 0 },
  output_tokens_details: { reasoning_tokens: 5 },
};

/** The one body of a reply that is not streamed. */
export function responsesBody(reply: ServedReply, model: string): string {
  return JSON.stringify(response(reply, model));
}

/** The body of a streamed reply: typed events with running numbers. */
export function responsesStream(reply: ServedReply, model: string, { pieceChars = 8 }: StreamShape): string {
  const whole = response(reply, model);
  const bare = { ...whole, status: "in_progress", output: [], usage: null };
  const events: { type: string; [field: string]: unknown }[] = [
    { type: "response.created", response: bare },
    ...outputItems(reply).flatMap((item, index) => [
      { type: "response.output_item.added", output_index: index, item: { ...item, status: "in_progress" } },
      ...itemDeltas(reply, item, index, pieceChars),
      { type: "response.output_item.done", output_index: index, item },
    ]),
  ];
  if (reply.finish !== null) events.push({ type: `response.${statusOf(reply)}`, response: whole });
  return events
    .map((event, number) => ({ ...event, sequence_number: number }))
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}

function itemDeltas(reply: ServedReply, item: JsonObject, index: number, size: number): { type: string }[] {
  const place = { item_id: item["id"], output_index: index };
  if (item["type"] === "message") {
    return pieces(reply.text ?? "", size).map((delta) => ({
      type: "response.output_text.delta",
      ...place,
      content_index: 0,
      delta,
    }));
  }
  if (item["type"] !== "function_call") return [];
  return pieces(argumentsOf(reply.calls?.find((_, at) => item["id"] === `fc_${at}`) ?? NO_CALL), size).map(
    (delta) => ({
      type: "response.function_call_arguments.delta",
      ...place,
      delta,
    }),
  );
}

const NO_CALL = { tool: "", arguments: "" };
const REASONS: Readonly<Record<string, string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function statusOf(reply: ServedReply): string {
  return REASONS[reply.finish ?? ""] === undefined ? "completed" : "incomplete";
}

function response(reply: ServedReply, model: string): JsonObject {
  const reason = REASONS[reply.finish ?? ""];
  return {
    id: "resp_served",
    object: "response",
    created_at: 1,
    model,
    status: statusOf(reply),
    incomplete_details: reason === undefined ? null : { reason },
    error: null,
    output: outputItems(reply),
    usage: reply.usage === undefined ? USAGE : reply.usage,
  };
}

function outputItems(reply: ServedReply): JsonObject[] {
  const content = [
    ...(reply.text === undefined ? [] : [{ type: "output_text", text: reply.text, annotations: [] }]),
    ...(reply.refusal === undefined ? [] : [{ type: "refusal", refusal: reply.refusal }]),
  ];
  const status = "completed";
  return [
    ...(reply.reasoning === undefined
      ? []
      : [{ type: "reasoning", id: "rs_served", summary: [], encrypted_content: reply.reasoning }]),
    ...(content.length === 0
      ? []
      : [{ type: "message", id: "msg_served", role: "assistant", status, content }]),
    ...(reply.calls ?? []).map((call, index) => ({
      type: "function_call",
      id: `fc_${index}`,
      call_id: call.id ?? `call_${index}`,
      name: call.tool,
      arguments: argumentsOf(call),
      status,
    })),
  ];
}
