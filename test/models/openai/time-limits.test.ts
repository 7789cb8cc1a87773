// A reply without end costs its time limit once, and no limit but ours holds for a server that is slow.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { receiveReply, type SentRequest } from "../../../src/models/openai/exchange.ts";
import { patientFetch } from "../../../src/models/openai/patient-fetch.ts";
import { addChunk } from "../../../src/models/openai/wire/chat-draft.ts";
import { finishReply } from "../../../src/models/openai/wire/finish-reply.ts";
import { addResponseEvent } from "../../../src/models/openai/wire/responses-draft.ts";
import { ModelFailure } from "../../../src/models/signals/failure.ts";
import { withRetry } from "../../../src/models/wrappers/retry.ts";
import type { RetryPlan } from "../../../src/models/signals/notice.ts";
import type { ServedReply } from "../../../src/testing/model-server.ts";
import { chatStream } from "../../../src/testing/model-server/chat-wire.ts";
import { responsesStream } from "../../../src/testing/model-server/responses-wire.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { ask, bench, running } from "../helpers.ts";

const OVERTIME = new ModelFailure("overtime", "the time is over");
const CALLS = [
  { tool: "run_code", arguments: { source: "first()" }, id: "a" },
  { tool: "run_code", arguments: { source: "second()" }, id: "b" },
];
const REPLY: ServedReply = { reasoning: "Let me see.", text: "I try this.", calls: CALLS };

const APIS = [
  { api: "chat", bytes: Buffer.from(chatStream(REPLY, "m", {}, true)), addPiece: addChunk },
  { api: "responses", bytes: Buffer.from(responsesStream(REPLY, "m", {})), addPiece: addResponseEvent },
] as const;

describe.for(APIS)("$api: time is over", ({ bytes, addPiece }) => {
  /** The reply, or what was thrown, where the limit passes after so many bytes. */
  async function receiveUntil(at: number): Promise<unknown> {
    const response = new Response(bytes, { headers: { "content-type": "text/event-stream" } });
    const sent = { asResponse: () => Promise.resolve(response) } as SentRequest["sent"];
    const limits = {
      signal: running.signal,
      waitAtMost: () => undefined,
      [Symbol.dispose]: () => undefined,
      // The source is not read: the bytes are.
      async *watch() {
        yield bytes.subarray(0, at);
        throw OVERTIME;
      },
    };
    try {
      const { draft } = await receiveReply({ sent, addPiece, onAccepted: () => undefined }, limits);
      const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: null };
      return finishReply(draft, ask(), {
        origin: "m",
        usage,
        closingWord: "",
        onRepair: () => undefined,
        onSeen: () => undefined,
      });
    } catch (thrown) {
      return thrown;
    }
  }

  test("at every byte: nothing, or a reply that was cut, or all of it; never half a call", async () => {
    const ends = new Set<string>();
    for (let at = 0; at <= bytes.length; at++) {
      const end = await receiveUntil(at);
      if (end === OVERTIME) {
        ends.add("nothing");
        continue;
      }
      const { text, calls, stop } = end as ReturnType<typeof finishReply>;
      ends.add(`${stop} ${calls.length}`);
      expect(REPLY.text?.startsWith(text), `${at}: ${text}`).toBe(true);
      for (const [index, call] of calls.entries()) expect(call).toMatchObject(CALLS[index] ?? {});
      expect(stop === "calls" ? calls.length : 2).toBe(2);
    }
    expect([...ends]).toEqual(["nothing", "length 0", "length 1", "length 2", "calls 2"]);
  });
});

describe("a reply without end", () => {
  test("that brings nothing of use is asked for once more, with another seed", async () => {
    const reply = { reasoning: "Hmm. ".repeat(200), text: "never" };
    const breaks = { how: "stall", afterBytes: 900 } as const;
    await using b = await bench([{ type: "reply", reply, breaks }], { timeoutMs: 300 });
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: "overtime", isFinal: true, outcome: "fail" });
    expect(String(failure)).toMatch(/within 0\.3 s .*--max-output-tokens.*--model-timeout/);
    const seeds = b.server.requests.map(({ body }) => body["seed"]);
    expect(seeds).toHaveLength(2);
    expect(new Set(seeds).size).toBe(2);
  });

  test("silence is waited for three times at most, with the same seed, and the flag is named", async () => {
    await using b = await bench([{ type: "hang" }], { firstByteTimeoutMs: 200, maxRetries: 20 });
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: "stalled" });
    expect(String(failure)).toContain("--model-first-byte-timeout");
    expect(b.server.requests.map(({ body }) => body["seed"])).toEqual([7, 7, 7]);
  });

  test.for([
    ["overtime", 1, 600_000],
    ["stalled", 2, 290_000],
    ["busy", null, 5_000],
  ] as const)(
    "%s: when it is given up is told with the attempts' own time",
    async ([kind, mostRetries, took]) => {
      let now = 0;
      const plans: (RetryPlan & { readonly at: number })[] = [];
      const model = scriptedModel(() => {
        now += took;
        throw new ModelFailure(kind, "no", { mostRetries });
      });
      const patient = withRetry(model, {
        firstDelayMs: 0,
        clock: () => now,
        onNotice: ({ retry }) => plans.push(...(retry === undefined ? [] : [{ ...retry, at: now }])),
      });
      await expect(patient.reply(ask(), running)).rejects.toThrow("given up");
      expect(model.requests).toHaveLength((mostRetries ?? 6) + 1);
      for (const { at, givesUpMs } of plans) expect(at + givesUpMs).toBe(now);
    },
  );
});

describe("a server that is slower than Node's own limits", () => {
  const own = getGlobalDispatcher();
  afterEach(() => setGlobalDispatcher(own));

  test("is waited for", async () => {
    const waiting: ServerResponse[] = [];
    const server = createServer((_, response) => void waiting.push(response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    setGlobalDispatcher(new Agent({ headersTimeout: 1, bodyTimeout: 1 }));
    const patient = patientFetch(null)(url);
    await once(server, "request");
    // Sent later, under the same limits, and given up by Node: an attempt that knew them would be, too.
    await expect(fetch(url)).rejects.toThrow("fetch failed");
    for (const response of waiting) response.end("at last");
    expect(await (await patient).text()).toBe("at last");
    server.closeAllConnections();
    server.close();
  });
});
