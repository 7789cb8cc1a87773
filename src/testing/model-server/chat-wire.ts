// Owns: a served reply as the bytes of a chat completion, streamed or whole. Pure.
import type { JsonObject } from "../../contracts/index.ts";
import type { ServedCall, ServedReply, StreamShape } from "./behaviour.ts";

export const SERVED_USAGE: JsonObject = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 40 },
};

/** The one body of a reply that is not streamed. */
export function chatBody(reply: ServedReply, model: string, shape: StreamShape): string {
  const calls = (reply.calls ?? []).map((call, index) => wireCall(call, index, shape));
  const message = {
    role: "assistant",
    content: reply.text ?? null,
    ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
    ...(reply.refusal === undefined ? {} : { refusal: reply.refusal }),
    ...(calls.length === 0 ? {} : shape.legacy === true ? legacyCall(reply) : { tool_calls: calls }),
  };
  return JSON.stringify({
    ...envelope("chat.completion", model),
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    ...(reply.usage === null ? {} : { usage: reply.usage ?? SERVED_USAGE }),
  });
}

/** The body of a streamed reply. */
export function chatStream(
  reply: ServedReply,
  model: string,
  shape: StreamShape,
  withUsage: boolean,
): string {
  const base = envelope("chat.completion.chunk", model);
  const chunk = (delta: object, finish: string | null = null): object => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const finish = finishOf(reply);
  const chunks = [
    chunk({ role: "assistant", content: "" }),
    ...deltas(reply, shape).map((delta) => chunk(delta)),
    ...(finish === null ? [] : [chunk({}, finish)]),
    ...(withUsage && reply.usage !== null
      ? [{ ...base, choices: [], usage: reply.usage ?? SERVED_USAGE }]
      : []),
  ];
  const comment = shape.comments === true ? ": still here\n\n" : "";
  const events = chunks.map((data) => `${comment}data: ${JSON.stringify(data)}\n\n`);
  return events.join("") + (shape.done === false ? "" : "data: [DONE]\n\n");
}

function deltas(reply: ServedReply, shape: StreamShape): object[] {
  const size = shape.pieceChars ?? 8;
  return [
    ...pieces(reply.reasoning ?? "", size).map((piece) => ({ reasoning_content: piece })),
    ...pieces(reply.text ?? "", size).map((piece) => ({ content: piece })),
    ...(reply.refusal === undefined ? [] : [{ refusal: reply.refusal }]),
    ...(reply.calls ?? []).flatMap((call, index) => callDeltas(call, index, shape, size)),
  ];
}

function callDeltas(call: ServedCall, index: number, shape: StreamShape, size: number): object[] {
  const whole = wireCall(call, index, shape);
  if (shape.legacy === true) return [legacyCall({ calls: [call] })];
  if (shape.wholeCalls === true) return [{ tool_calls: [whole] }];
  const text = argumentsOf(call);
  const place = indexOf(index, shape);
  return [
    { tool_calls: [{ ...whole, function: { name: call.tool, arguments: "" } }] },
    ...pieces(text, size).map((piece) => ({ tool_calls: [{ ...place, function: { arguments: piece } }] })),
  ];
}

function wireCall(call: ServedCall, index: number, shape: StreamShape): object {
  const id = call.id ?? `call_${index}`;
  return {
    ...indexOf(index, shape),
    ...(id === "" ? {} : { id }),
    type: "function",
    function: { name: call.tool, arguments: argumentsOf(call) },
    ...call.extra,
  };
}

function indexOf(index: number, { index: numbering = "counted" }: StreamShape): object {
  if (numbering === "absent") return {};
  return { index: numbering === "zero" ? 0 : index };
}

function legacyCall({ calls = [] }: ServedReply): object {
  const [call] = calls;
  return call === undefined ? {} : { function_call: { name: call.tool, arguments: argumentsOf(call) } };
}

export function argumentsOf({ arguments: args }: ServedCall): string {
  return typeof args === "string" ? args : JSON.stringify(args);
}

function finishOf(reply: ServedReply): string | null {
  if (reply.finish !== undefined) return reply.finish;
  return (reply.calls ?? []).length > 0 ? "tool_calls" : "stop";
}

function envelope(object: string, model: string): object {
  return { id: "chatcmpl-served", object, created: 1, model };
}

/** The text in pieces of `size` characters; whole characters, so that every piece is valid Unicode. */
export function pieces(text: string, size: number): string[] {
  const characters = Array.from(text);
  const count = Math.ceil(characters.length / size);
  return Array.from({ length: count }, (_, at) => characters.slice(at * size, (at + 1) * size).join(""));
}
