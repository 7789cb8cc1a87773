import { expect, test } from "vitest";
import { readEvents } from "../../../src/models/openai/exchange.ts";
import { EMPTY_DRAFT, addChunk } from "../../../src/models/openai/wire/chat-draft.ts";
import { finishReply } from "../../../src/models/openai/wire/finish-reply.ts";
import type { JsonObject, ModelReply } from "../../../src/contracts/index.ts";
import { chatStream } from "../../../src/testing/model-server/chat-wire.ts";
import { ask } from "../helpers.ts";

const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null };

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1400) yield bytes.subarray(at, at + 1400);
}

async function read(bytes: Buffer): Promise<ModelReply> {
  let draft = EMPTY_DRAFT;
  for await (const { data } of readEvents(inPieces(bytes))) {
    if (data !== "[DONE]") draft = addChunk(draft, JSON.parse(data) as JsonObject);
  }
  const ignore = (): undefined => undefined;
  return finishReply(draft, ask(), {
    origin: "chat:m",
    usage,
    closingWord: "",
    onRepair: ignore,
    onSeen: ignore,
  });
}

test("reading a streamed reply of 300 pieces takes less than 2 ms", async () => {
  const calls = [{ tool: "run_code", arguments: { source: "x = 1\n".repeat(200) } }];
  const bytes = Buffer.from(chatStream({ text: "A plan. ".repeat(125), calls }, "m", {}, true));
  for (let round = 0; round < 30; round++) expect((await read(bytes)).calls).toMatchObject(calls);
  const timesMs: number[] = [];
  for (let batch = 0; batch < 10; batch++) {
    // Time of the processor, not of the clock, and the best of ten: other work on the machine is not ours to measure.
    const before = process.cpuUsage();
    for (let round = 0; round < 20; round++) await read(bytes);
    const { user, system } = process.cpuUsage(before);
    timesMs.push((user + system) / 1000 / 20);
  }
  expect(Math.min(...timesMs)).toBeLessThan(2);
});
