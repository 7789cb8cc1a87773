// The window of a served model: what servers say of it, and a prompt that does not fit it.
import fc from "fast-check";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/contracts/index.ts";
import { parseJson, recordOf } from "../../../src/core/untrusted.ts";
import { askWindow } from "../../../src/models/openai/ask-window.ts";
import { endpointOf } from "../../../src/models/openai/endpoint.ts";
import { openai } from "../../../src/models/openai/openai.ts";
import { ask, bench, running } from "../helpers.ts";

type Routes = Readonly<Record<string, Json>>;

const REPLY = { choices: [{ message: { role: "assistant", content: "fine" }, finish_reason: "stop" }] };

/** A server with these answers, by method and path, and what it was asked. */
async function infoServer(routes: () => Routes) {
  const asked: string[] = [];
  const limits: Json[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = `${request.method} ${request.url}`;
    asked.push(route);
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    if (route === "POST /v1/chat/completions")
      limits.push(recordOf(parseJson(Buffer.concat(chunks).toString()))["max_tokens"] ?? null);
    const body = route === "POST /v1/chat/completions" ? REPLY : routes()[route];
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body ?? { error: "not found" }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { baseURL, asked, limits, [Symbol.asyncDispose]: close };
}

const served = (fields: Routes): Routes => ({
  "GET /v1/models": {
    data: [
      { id: "other", max_model_len: 999_999 },
      { id: "m", ...fields },
    ],
  },
});

describe("the window that a server states", () => {
  test.for<readonly [string, Routes, number | null]>([
    ["llama.cpp", served({ meta: { n_ctx: 16_384, n_ctx_train: 32_768 } }), 16_384],
    [
      "llama.cpp, of one of its slots",
      {
        ...served({ meta: { n_ctx: 16_384, n_ctx_train: 32_768 } }),
        "GET /props": { default_generation_settings: { n_ctx: 8_192 }, total_slots: 2 },
      },
      8_192,
    ],
    [
      "llama.cpp, by an alias",
      { "GET /v1/models": { data: [{ id: "a" }, { id: "x.gguf", aliases: ["m"], meta: { n_ctx: 4_096 } }] } },
      4_096,
    ],
    [
      "the one model there is",
      { "GET /v1/models": { data: [{ id: "x.gguf", meta: { n_ctx: 4_096 } }] } },
      4_096,
    ],
    ["vLLM and SGLang", served({ max_model_len: 40_960 }), 40_960],
    ["OpenRouter", served({ context_length: 131_072 }), 131_072],
    ["Groq", served({ context_window: 8_192 }), 8_192],
    [
      "LM Studio, as loaded",
      {
        ...served({}),
        "GET /api/v0/models": {
          data: [{ id: "m", max_context_length: 131_072, loaded_context_length: 4_096 }],
        },
      },
      4_096,
    ],
    [
      "Ollama, as loaded",
      { ...served({}), "GET /api/ps": { models: [{ name: "m", model: "m", context_length: 8_192 }] } },
      8_192,
    ],
    [
      "Ollama, by the model's file",
      {
        ...served({}),
        "GET /api/ps": { models: [] },
        "POST /api/show": { parameters: 'stop  "x"\nnum_ctx                        6144' },
      },
      6_144,
    ],
    [
      "as trained is not as served",
      { "POST /api/show": { model_info: { "llama.context_length": 131_072 } } },
      null,
    ],
    ["trained alone", served({ meta: { n_ctx_train: 32_768 } }), null],
    [
      "another model's",
      { "GET /v1/models": { data: [{ id: "a", max_model_len: 1_024 }, { id: "b" }] } },
      null,
    ],
    ["no window", served({ max_model_len: 1 }), null],
    ["nothing", {}, null],
  ])("%s", async ([, routes, tokens]) => {
    await using server = await infoServer(() => routes);
    const endpoint = endpointOf({ baseURL: server.baseURL }, {});
    expect(await askWindow(endpoint, "m", running.signal)).toBe(tokens);
  });

  test("whatever it answers, it is a number of tokens or nothing", async () => {
    let routes: Routes = {};
    await using server = await infoServer(() => routes);
    const endpoint = endpointOf({ baseURL: server.baseURL }, {});
    const field = fc.oneof(fc.jsonValue(), fc.integer(), fc.double());
    const entry = fc.record({
      id: fc.constant("m"),
      meta: field,
      max_model_len: field,
      context_length: field,
    });
    const answer = fc.oneof(fc.jsonValue(), fc.record({ data: fc.oneof(field, fc.array(entry)) }));
    await fc.assert(
      fc.asyncProperty(answer, answer, async (list, props) => {
        routes = {
          "GET /v1/models": list as Json,
          "GET /props": props as Json,
          "GET /api/ps": props as Json,
        };
        const tokens = await askWindow(endpoint, "m", running.signal);
        expect(tokens === null || (Number.isSafeInteger(tokens) && tokens >= 256)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a model whose window is not known", () => {
  const long = ask({
    messages: [{ role: "user", content: [{ type: "text", text: "one two three ".repeat(2_000) }] }],
  });

  const medium = ask({
    messages: [{ role: "user", content: [{ type: "text", text: "one two three ".repeat(400) }] }],
  });

  test("asks nothing while prompts are short", async () => {
    await using server = await infoServer(() => served({ meta: { n_ctx: 4_000 } }));
    const model = openai({ model: "m", baseURL: server.baseURL });
    for (let turn = 0; turn < 3; turn++) await model.reply(ask(), running);
    expect(new Set(server.asked)).toEqual(new Set(["POST /v1/chat/completions"]));
    expect(model.learnt.windowTokens).toBeNull();
  });

  test("asks when a short prompt is refused for the room of its reply, and gives it less", async () => {
    await using b = await bench((request) =>
      Number(request.body["max_tokens"]) > 1_024
        ? {
            type: "error",
            status: 400,
            body: {
              error: {
                message:
                  "maximum context length is 4096 tokens, and you requested 5000 (904 in the messages, 4096 in the completion)",
              },
            },
          }
        : { type: "reply", reply: { text: "fine" } },
    );
    expect((await b.model.reply(ask(), running)).text).toBe("fine");
    expect(b.server.requests.map(({ body }) => body["max_tokens"])).toEqual([4_096, 1_024]);
    expect(b.model.learnt.windowTokens).toBe(4_096);
  });

  test("asks for it once, limits its replies by it, and refuses what does not fit without sending it", async () => {
    await using server = await infoServer(() => served({ meta: { n_ctx: 4_000 } }));
    const model = openai({ model: "m", baseURL: server.baseURL });
    expect(model.learnt).toMatchObject({ windowTokens: null });
    expect((await model.reply(medium, running)).text).toBe("fine");
    expect(model.learnt).toMatchObject({ windowTokens: 4_000 });
    expect(server.limits).toEqual([1_000]);
    const sent = server.asked.length;
    const refused: unknown = await model.reply(long, running).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ kind: "too-long", windowTokens: 4_000, promptWindow: { tokens: 4_000 } });
    expect(server.asked).toHaveLength(sent);
    await model.reply(ask(), running);
    expect(server.asked.slice(sent)).toEqual(["POST /v1/chat/completions"]);
  });

  test("asks once more where the server only loads its model, and then no more", async () => {
    let isLoaded = false;
    await using server = await infoServer(() =>
      isLoaded ? { "GET /api/ps": { models: [{ name: "m", context_length: 4_000 }] } } : {},
    );
    const model = openai({ model: "m", baseURL: server.baseURL });
    await model.reply(long, running);
    isLoaded = true;
    await expect(model.reply(long, running)).rejects.toMatchObject({ kind: "too-long" });
    const silent = openai({ model: "unheard", baseURL: server.baseURL });
    isLoaded = false;
    await silent.reply(medium, running);
    await silent.reply(medium, running);
    const sent = server.asked.length;
    await silent.reply(long, running);
    expect(server.asked.slice(sent)).toEqual(["POST /v1/chat/completions"]);
  });

  test("does not ask where its profile knows, and its own limit of output stays", async () => {
    await using server = await infoServer(() => served({ meta: { n_ctx: 4_000 } }));
    const profile = { contextTokens: 100_000, maxOutputTokens: 2_000 };
    const model = openai({ model: "m", baseURL: server.baseURL, profile });
    await model.reply(long, running);
    expect(server.asked).toEqual(["POST /v1/chat/completions"]);
    const limited = openai({ model: "m", baseURL: server.baseURL, profile: { maxOutputTokens: 2_000 } });
    await limited.reply(medium, running);
    expect(limited.learnt.windowTokens).toBe(4_000);
    expect(server.limits).toEqual([2_000, 2_000]);
  });

  test("an abort while it is asked for ends at once, and the next request asks again", async () => {
    const reason = new Error("given up");
    const abort = new AbortController();
    await using server = await infoServer(() => {
      if (!abort.signal.aborted) abort.abort(reason);
      return served({ meta: { n_ctx: 4_000 } });
    });
    const model = openai({ model: "m", baseURL: server.baseURL });
    await expect(model.reply(medium, { signal: abort.signal })).rejects.toBe(reason);
    expect(server.asked).not.toContain("POST /v1/chat/completions");
    await model.reply(medium, running);
    expect(model.learnt.windowTokens).toBe(4_000);
  });
});
