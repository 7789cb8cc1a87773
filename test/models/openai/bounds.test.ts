// What an endpoint may send: so many bytes, calls and levels, and an error of some words. More of it costs no memory and no time.
import { describe, expect, test } from "vitest";
import { readEvents, receiveReply, type SentRequest } from "../../../src/models/openai/exchange.ts";
import { addChunk, EMPTY_DRAFT } from "../../../src/models/openai/wire/chat-draft.ts";
import { readArguments } from "../../../src/models/openai/wire/repair-call.ts";
import { addResponseEvent } from "../../../src/models/openai/wire/responses-draft.ts";
import { withPlainErrors } from "../../../src/models/openai/wire/server-errors.ts";
import type { Json } from "../../../src/contracts/index.ts";
import { running } from "../helpers.ts";

const limits = {
  signal: running.signal,
  waitAtMost: () => undefined,
  [Symbol.dispose]: () => undefined,
  watch: async function* (bytes: AsyncIterable<Uint8Array>) {
    yield* bytes;
  },
};

/** A body that repeats a text without end, and counts how much of it was read. */
function endless(text: string) {
  const chunk = Buffer.from(text);
  const read = { bytes: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      read.bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { body, read };
}

function receive(body: ReadableStream, type: string) {
  const response = new Response(body, { headers: { "content-type": type } });
  const sent = { asResponse: () => Promise.resolve(response) } as SentRequest["sent"];
  return receiveReply({ sent, addPiece: addChunk, onAccepted: () => undefined }, limits);
}

describe("a body without end", () => {
  test.each([
    ["one line", "text/event-stream", "x".repeat(1 << 20)],
    ["one event", "text/event-stream", `data: ${"x".repeat(1 << 20)}\n`],
    ["comments", "text/event-stream", ": wait\n\n".repeat(10_000)],
    ["JSON that is not streamed", "application/json", "[".repeat(1 << 20)],
  ])("of %s is given up", async (_, type, text) => {
    const { body, read } = endless(text);
    await expect(receive(body, type)).rejects.toThrow(/more than 64 MB|not JSON/);
    expect(read.bytes).toBeLessThan(70 << 20);
  });

  test("whose text is of use is cut", async () => {
    const content = Array.from({ length: 150_000 }, (_, at) => at).join(" ");
    const piece = { choices: [{ index: 0, delta: { content } }] };
    const { body } = endless(`data: ${JSON.stringify(piece)}\n\n`);
    const { draft } = await receive(body, "text/event-stream");
    expect(draft).toMatchObject({ finish: "length" });
  });

  test("of an error is read as far as its words may go", async () => {
    const { body, read } = endless("busy ".repeat(20_000));
    const answer = await withPlainErrors(() => Promise.resolve(new Response(body, { status: 500 })))(
      "http://x.test/",
    );
    expect(JSON.stringify(await answer.json()).length).toBeLessThan(1000);
    expect(read.bytes).toBeLessThan(2 << 20);
  });
});

test("events are the same however their bytes come", async () => {
  const text = Buffer.from("data: a\r\ndata: b\r\rdata: \u00E9\n\n: c\n\ndata: last");
  const eventsOf = async (size: number): Promise<unknown[]> => {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.subarray(at * size, (at + 1) * size),
    );
    const source = async function* () {
      yield* chunks;
    };
    const events: unknown[] = [];
    for await (const event of readEvents(source())) events.push(event);
    return events;
  };
  const whole = await eventsOf(text.length);
  expect(whole).toHaveLength(3);
  for (let size = 1; size < text.length; size++) expect(await eventsOf(size)).toEqual(whole);
});

const call = (at: number): Json => ({
  index: at,
  id: `k${at}`,
  function: { name: "run_code", arguments: "{}" },
});
const calls = Array.from({ length: 5_000 }, (_, at) => call(at));

test("a reply has at most 128 calls", () => {
  expect(() => addChunk(EMPTY_DRAFT, { choices: [{ delta: { tool_calls: calls } }] })).toThrow(
    /more than 128 calls/,
  );
  const output = calls.map((_, at): Json => ({
    type: "function_call",
    call_id: `k${at}`,
    name: "f",
    arguments: "{}",
  }));
  expect(() => addResponseEvent(EMPTY_DRAFT, { object: "response", status: "completed", output })).toThrow(
    /more than 128 calls/,
  );
});

test("a name that comes with each piece is one call, whose text is parsed a few times at most", () => {
  const source = "x = {}".repeat(30_000);
  const text = JSON.stringify({ source });
  const pieces = text.match(/.{1,6}/gs) ?? [];
  const draft = pieces.reduce(
    (soFar, piece) =>
      addChunk(soFar, {
        choices: [{ delta: { tool_calls: [{ function: { name: "run_code", arguments: piece } }] } }],
      }),
    EMPTY_DRAFT,
  );
  expect(draft.calls.map((one) => one.text)).toEqual([text]);
});

test("arguments nest as deep as anything that is read, and no deeper", () => {
  const nested = (levels: number): string => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  expect(readArguments(nested(90))).toMatchObject({ ok: true });
  for (const levels of [101, 1_000, 100_000])
    expect(readArguments(nested(levels))).toMatchObject({ ok: false });
});
