// Broken off at every byte of a streamed reply: never a hang, never half a call, never a complete reply lost.
// Long: a request for each byte of two streams, four times.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openai } from "../../../src/models/openai/openai.ts";
import type { ModelReply } from "../../../src/contracts/index.ts";
import { chatStream } from "../../../src/testing/model-server/chat-wire.ts";
import { responsesStream } from "../../../src/testing/model-server/responses-wire.ts";
import {
  modelServer,
  type ReplyBreak,
  type ModelServer,
  type ServedReply,
} from "../../../src/testing/model-server.ts";
import { ask } from "../helpers.ts";

const SHAPE = { pieceChars: 9 };
const CALL = { tool: "finish_round", arguments: { summary: "é" }, id: "b" };
const REPLY: ServedReply = { calls: [CALL] };
const WHOLE = { text: "", stop: "calls", calls: [CALL] };

const CHAT = Buffer.from(chatStream(REPLY, "m", SHAPE, true));
const RESPONSES = Buffer.from(responsesStream(REPLY, "m", SHAPE));
const APIS = [
  { api: "chat", bytes: CHAT, complete: afterEvent(CHAT, '"finish_reason":"tool_calls"') },
  { api: "responses", bytes: RESPONSES, complete: afterEvent(RESPONSES, "event: response.completed") },
] as const;

/** How many bytes hold the event with these words, its blank line included: from then on the reply is complete. */
function afterEvent(bytes: Buffer, words: string): number {
  return bytes.indexOf("\n\n", bytes.indexOf(words)) + 2;
}

/** One request for each byte, so many at a time. */
async function atEveryByte<T>(bytes: Buffer, width: number, one: (at: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < bytes.length; at = next++) results[at] = await one(at);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

describe.for(APIS)("$api", ({ api, bytes, complete }) => {
  let server: ModelServer;
  let reached: (at: number) => void = () => undefined;

  beforeAll(async () => {
    server = await modelServer({
      behaviour: ({ body }) => {
        const [, how, at] = /break (\w+) (\d+)/.exec(JSON.stringify(body)) ?? [];
        const afterBytes = Number(at);
        const breaks = { how: how as ReplyBreak["how"], afterBytes, reached: () => reached(afterBytes) };
        return { type: "reply", reply: REPLY, shape: SHAPE, breaks };
      },
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** The reply, or what was thrown, for a stream that breaks so. */
  const play = async (
    how: ReplyBreak["how"],
    at: number,
    idleTimeoutMs: number,
    { signal } = new AbortController(),
  ): Promise<ModelReply | { readonly thrown: unknown }> => {
    const { baseURL } = server;
    // Nothing in the body at all is the other limit's business.
    const firstByteTimeoutMs = at === 0 ? idleTimeoutMs : 60_000;
    const model = openai({ model: "m", api, baseURL, maxRetries: 0, idleTimeoutMs, firstByteTimeoutMs });
    const content = [{ type: "text", text: `break ${how} ${at}` }] as const;
    const request = ask({ messages: [{ role: "user", content }] });
    return model.reply(request, { signal }).catch((thrown: unknown) => ({ thrown }));
  };

  const expectWholeFrom = (results: readonly unknown[], from: number, before: object): void => {
    for (const [at, result] of results.entries()) {
      expect(result, `at byte ${at}`).toMatchObject(at < from ? { thrown: before } : WHOLE);
    }
  };

  test("cut", async () => {
    const results = await atEveryByte(bytes, 16, (at) => play("cut", at, 60_000));
    expect(results).toHaveLength(bytes.length);
    expectWholeFrom(results, complete, { kind: "cut" });
  });

  test("ended cleanly", async () => {
    const results = await atEveryByte(bytes, 16, (at) => play("close", at, 60_000));
    // Without its blank line the last event is complete JSON all the same.
    const kinds = results
      .slice(0, complete - 2)
      .map((result) => (result as { thrown: { kind: string } }).thrown.kind);
    expect(new Set(kinds)).toEqual(new Set(["cut"]));
    expectWholeFrom(results, complete - 2, {});
  });

  test("stalled", async () => {
    const results = await atEveryByte(bytes, 64, (at) => play("stall", at, 300));
    expect(results).toHaveLength(bytes.length);
    expectWholeFrom(results, complete, { kind: "stalled" });
  });

  test("aborted", async () => {
    const aborts = new Map<number, AbortController>();
    reached = (at) => aborts.get(at)?.abort(new Error(`aborted at ${at}`));
    const results = await atEveryByte(bytes, 16, async (at) => {
      const abort = new AbortController();
      aborts.set(at, abort);
      return play("stall", at, 60_000, abort);
    });
    for (const [at, result] of results.entries()) {
      // The abort may overtake the last bytes of a complete reply.
      const isWhole = at >= complete && !("thrown" in (result as object));
      expect(result, `at byte ${at}`).toMatchObject(
        isWhole ? WHOLE : { thrown: { message: `aborted at ${at}` } },
      );
    }
  });
});
