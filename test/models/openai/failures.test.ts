// Every row of the table in docs/guides/models.md, over real HTTP.
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { ModelError, RunError } from "../../../src/core/errors.ts";
import { ModelFailure, type FailureKind } from "../../../src/models/signals/failure.ts";
import { modelServer, type Behaviour } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

const OK: Behaviour = { type: "reply", reply: { text: "fine" } };

/** Failures that pass: asked again, the reply comes. */
const RETRIED: readonly [string, FailureKind, Behaviour][] = [
  ["408", "busy", { type: "error", status: 408 }],
  ["409", "busy", { type: "error", status: 409 }],
  [
    "429 with retry-after",
    "rate-limited",
    { type: "error", status: 429, headers: { "retry-after": "0.02" } },
  ],
  [
    "429 with retry-after-ms",
    "rate-limited",
    { type: "error", status: 429, headers: { "retry-after-ms": "20" } },
  ],
  ["429 without retry-after", "rate-limited", { type: "error", status: 429 }],
  ["500", "busy", { type: "error", status: 500 }],
  [
    "502 with an HTML page",
    "busy",
    {
      type: "raw",
      status: 502,
      headers: { "content-type": "text/html" },
      body: "<html><title>Bad Gateway</title></html>",
    },
  ],
  ["503 without a body", "busy", { type: "raw", status: 503, body: "" }],
  [
    "529",
    "busy",
    {
      type: "error",
      status: 529,
      body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    },
  ],
  ["a connection that is reset", "unreachable", { type: "reset" }],
  ["no answer at all", "stalled", { type: "hang" }],
  [
    "a stream that stalls",
    "stalled",
    { type: "reply", reply: { text: "a long answer" }, breaks: { how: "stall", afterBytes: 300 } },
  ],
  [
    "a stream cut in the text",
    "cut",
    { type: "reply", reply: { text: "a long answer" }, breaks: { how: "cut", afterBytes: 300 } },
  ],
  [
    "a stream that ends cleanly in the middle of a call",
    "cut",
    {
      type: "reply",
      reply: { calls: [{ tool: "run_code", arguments: { source: "print('a long line of code')" } }] },
      breaks: { how: "close", afterBytes: 900 },
    },
  ],
  ["an empty reply", "empty", { type: "reply", reply: { text: "" } }],
  [
    "a reply that llama.cpp's server cannot read itself",
    "empty",
    {
      type: "error",
      status: 500,
      body: {
        error: {
          code: 500,
          message: "The model produced output that does not match the expected peg-native format",
          type: "server_error",
        },
      },
    },
  ],
  ["an empty body", "garbled", { type: "raw", body: "" }],
  [
    "HTML with status 200",
    "garbled",
    { type: "raw", headers: { "content-type": "text/html" }, body: "<html><h1>Login</h1></html>" },
  ],
  ["JSON that breaks off", "garbled", { type: "raw", body: '{"choices": [{"mess' }],
  ["JSON that is no object", "garbled", { type: "raw", body: "[1, 2]" }],
  [
    "gzip garbage",
    "garbled",
    { type: "raw", headers: { "content-encoding": "gzip" }, body: "this is not gzip" },
  ],
  [
    "gzip that breaks off",
    "garbled",
    {
      type: "raw",
      headers: { "content-encoding": "gzip" },
      body: gzipSync("x".repeat(9999)).subarray(0, 20),
    },
  ],
  [
    "a broken event in the stream",
    "garbled",
    { type: "raw", headers: { "content-type": "text/event-stream" }, body: "data: {nope}\n\n" },
  ],
  [
    "an error with status 200",
    "busy",
    { type: "raw", body: '{"error": {"message": "upstream failed", "code": 502}}' },
  ],
  [
    "an error in the stream",
    "rate-limited",
    {
      type: "raw",
      headers: { "content-type": "text/event-stream" },
      body: 'data: {"error": {"message": "Rate limit reached", "code": 429}}\n\n',
    },
  ],
  ...(
    [
      ["an event that is named an error", "busy", 'event: error\ndata: {"message": "boom"}\n\n'],
      ["such an event in words alone", "busy", "event: error\ndata: upstream died\n\n"],
      [
        "such an event behind a part of the reply",
        "rate-limited",
        'data: {"choices": [{"delta": {"content": "so"}}]}\n\nevent: error\ndata: {"message": "slow", "code": 429}\n\n',
      ],
      [
        "an object that is an error, in the stream",
        "busy",
        'data: {"object": "error", "message": "engine dead", "code": 500}\n\ndata: [DONE]\n\n',
      ],
      [
        "a line that is an error, as llama.cpp wrote it through 2025",
        "rate-limited",
        'error: {"code": 429, "message": "slow"}\n\ndata: [DONE]\n\n',
      ],
      ["such a line in words alone", "busy", "error: upstream died\n\ndata: [DONE]\n\n"],
      [
        "such a line behind a part of the reply, without an end",
        "rate-limited",
        'data: {"choices": [{"delta": {"content": "so"}}]}\n\nerror: {"code": 429, "message": "slow"}',
      ],
    ] as const
  ).map(([name, kind, body]): (typeof RETRIED)[number] => [
    name,
    kind,
    { type: "raw", headers: { "content-type": "text/event-stream" }, body },
  ]),
  [
    "an object that is an error, with status 200",
    "busy",
    { type: "raw", body: '{"object": "error", "message": "engine dead", "code": 500}' },
  ],
  ["a detail with status 200", "busy", { type: "raw", body: '{"detail": "Internal error"}' }],
  [
    "a reply that the provider ends with an error",
    "busy",
    { type: "reply", reply: { text: "half", finish: "error" } },
  ],
];

describe("a failure that may pass is retried", () => {
  test.concurrent.for(RETRIED)("%s", async ([, kind, behaviour], { expect }) => {
    // Long enough for a busy machine; only a stall waits for it.
    const limit = kind === "stalled" ? 1_000 : 30_000;
    const timeouts = { firstByteTimeoutMs: limit, idleTimeoutMs: limit };
    await using b = await bench([behaviour, behaviour, OK], timeouts);
    expect((await b.model.reply(ask(), running)).text).toBe("fine");
    expect(b.server.requests).toHaveLength(3);
    expect(b.notices.filter(({ type }) => type === "retried" || type === "slowed")).toHaveLength(2);
    await using c = await bench([behaviour], { ...timeouts, maxRetries: 1, maxRateLimitMs: 30 });
    const failure: unknown = await c.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    if (kind === "unreachable") {
      expect(failure).toMatchObject({ code: "model-unreachable" });
    } else {
      expect(failure).toBeInstanceOf(ModelError);
      expect(failure).toMatchObject({ kind });
    }
  });

  test("a request that breaks every connection while others are answered fails alone", async () => {
    const answered = new AbortController();
    const other = once(answered.signal, "abort");
    await using b = await bench(async ({ body }) => {
      if (body["seed"] !== 666) return OK;
      await other;
      return { type: "reset" };
    });
    const failed = b.model.reply(ask({ seed: 666 }), running).catch((thrown: unknown) => thrown);
    await b.model.reply(ask(), running);
    answered.abort();
    expect(await failed).toMatchObject({ kind: "unreachable", isFinal: true });
  });

  test("a connection that breaks again and again, for as long as an outage is waited for", async () => {
    await using b = await bench([{ type: "reset" }], { maxRetries: 1, maxOutageMs: 500, maxDelayMs: 4 });
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "model-unreachable" });
    expect(b.server.requests.length).toBeGreaterThan(3);
  });
});

describe("a server that is not there", () => {
  test("on this machine, and never was: the run stops at the third refusal, and says what to do", async () => {
    const b = await bench([OK], { maxRetries: 20, maxOutageMs: 600_000 });
    await b[Symbol.asyncDispose]();
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "model-unreachable" });
    expect(String(failure)).toMatch(/ECONNREFUSED.*start the model's server/);
    const retries = b.notices.flatMap(({ retry }) => retry?.failed ?? []);
    expect(retries).toEqual([1, 2]);
  });

  test.for([
    [503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }],
    [503, { error: "Model meta-llama/Llama-3.1-70B is currently loading", estimated_time: 20 }],
  ] as const)(
    "yet, because it loads its model (%i): as long as an outage is waited for, then the run stops",
    async ([status, body]) => {
      let loads = 12;
      const loading: Behaviour = { type: "error", status, body };
      await using b = await bench(() => (loads-- > 0 ? loading : OK), { maxRetries: 2, maxOutageMs: 60_000 });
      expect((await b.model.reply(ask(), running)).text).toBe("fine");
      await using c = await bench([loading], { maxRetries: 2, maxOutageMs: 100 });
      const failure: unknown = await c.model.reply(ask(), running).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: "model-unreachable" });
      expect(String(failure)).toMatch(/load.*go on when the server has loaded its model/i);
    },
  );

  test("any more: it is waited for, and its reply counts", async () => {
    const first = await bench([OK], { maxRetries: 2, maxOutageMs: 60_000, maxDelayMs: 5 });
    await first.model.reply(ask(), running);
    const port = Number(new URL(first.server.baseURL).port);
    await first[Symbol.asyncDispose]();
    const reply = first.model.reply(ask(), running);
    await vi.waitFor(() => expect(first.notices.length).toBeGreaterThan(6), { timeout: 60_000 });
    await using _again = await modelServer({ behaviour: [OK], port });
    expect((await reply).text).toBe("fine");
  });
});

const TOO_LONG =
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";

/** As servers say it, whatever their status: the same prompt would fail over it again. */
const OVER_WINDOW = (
  [
    ["vLLM, with a word that is no parameter's fault", 400, "max_tokens must be at least 1, got -160.", {}],
    [
      "vLLM, and names a parameter",
      400,
      "max_tokens must be at least 1, got -7584. (parameter=max_tokens, value=-7584)",
      { param: "max_tokens" },
    ],
    ["vLLM", 400, "Input length (11680) exceeds model's maximum context length (4096).", {}],
    ["llama.cpp", 500, "Context size has been exceeded.", { type: "server_error" }],
    [
      "llama.cpp",
      500,
      "the request exceeds the available context size. try increasing the context size or enable context shift",
      { type: "exceed_context_size_error", n_prompt_tokens: 1407, n_ctx: 256 },
    ],
    [
      "llama.cpp",
      400,
      "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
      { type: "exceed_context_size_error" },
    ],
    ["Ollama", 500, "the input length exceeds the context length", {}],
    ["Ollama", 400, "prompt is too long: 7905 tokens, context length is 4096", {}],
    [
      "LM Studio",
      400,
      "The number of tokens to keep from the initial prompt is greater than the context length.",
      {},
    ],
  ] as const
).map(([server, status, message, more]): (typeof FAILED)[number] => [
  `${server}: ${status} ${message}`,
  "too-long",
  { type: "error", status, body: { error: { message, code: status, ...more } } },
]);

/** Failures that would come again: the episode fails at once. */
const FAILED: readonly [string, FailureKind, Behaviour][] = [
  [
    "400 without a known reason",
    "bad-request",
    { type: "error", status: 400, body: { error: { message: "messages: wrong order" } } },
  ],
  [
    "422 in another shape",
    "bad-request",
    { type: "error", status: 422, body: { detail: [{ msg: "wrong type" }] } },
  ],
  [
    "400 context too long",
    "too-long",
    {
      type: "error",
      status: 400,
      body: { error: { message: TOO_LONG, code: "context_length_exceeded", param: "messages" } },
    },
  ],
  ["413", "too-long", { type: "error", status: 413 }],
  ...OVER_WINDOW,
  [
    "400 content filter",
    "filtered",
    {
      type: "error",
      status: 400,
      body: { error: { message: "The response was filtered", code: "content_filter" } },
    },
  ],
];

describe("a prompt that did not fit a stream that has begun", () => {
  const error = { code: 500, message: "Context size has been exceeded." };
  const begun = `data: ${JSON.stringify({ choices: [{ delta: { content: "hm" } }] })}\n\n`;
  test.for([
    ["in an event", `${begun}data: ${JSON.stringify({ error })}\n\n`, "text/event-stream"],
    [
      "in a line of its own",
      `${begun}error: ${JSON.stringify(error)}\n\ndata: [DONE]\n\n`,
      "text/event-stream",
    ],
    [
      "in a line of its own, in a stream that is not called one",
      `error: ${JSON.stringify(error)}\n\ndata: [DONE]\n\n`,
      "text/plain",
    ],
  ] as const)("%s: is too long, as before it", async ([, body, type]) => {
    await using b = await bench([{ type: "raw", headers: { "content-type": type }, body }]);
    await expect(b.model.reply(ask(), running)).rejects.toMatchObject({ kind: "too-long" });
    expect(b.server.requests).toHaveLength(1);
  });
});

describe("a failure that would come again fails the episode", () => {
  test.for(FAILED)("%s", async ([, kind, behaviour]) => {
    await using b = await bench([behaviour]);
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ModelFailure);
    expect(failure).toMatchObject({ kind });
    expect(b.server.requests).toHaveLength(1);
  });
});

/** Failures that need a person: the run stops. */
const STOPPED: readonly [string, Behaviour][] = [
  ["401", { type: "error", status: 401 }],
  ["402", { type: "error", status: 402 }],
  ["403", { type: "error", status: 403 }],
  [
    "404 model",
    {
      type: "error",
      status: 404,
      body: { error: { message: "The model `x` does not exist", code: "model_not_found" } },
    },
  ],
  ["404 page", { type: "raw", status: 404, body: "<html><title>404 Not Found</title></html>" }],
  [
    "400 for an unknown model",
    { type: "error", status: 400, body: { error: { message: "x is not a valid model ID" } } },
  ],
  [
    "400 for a wrong key (Gemini)",
    {
      type: "error",
      status: 400,
      body: [{ error: { code: 400, message: "API key not valid. Please pass a valid API key." } }],
    },
  ],
  [
    "429 without credit",
    {
      type: "error",
      status: 429,
      body: {
        error: {
          message: "You exceeded your current quota, please check your plan and billing details.",
          code: "insufficient_quota",
        },
      },
    },
  ],
];

describe("a refusal stops the run", () => {
  test.for(STOPPED)("%s", async ([, behaviour]) => {
    await using b = await bench([behaviour]);
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(RunError);
    expect(failure).toMatchObject({ code: "model-refused" });
    expect(b.server.requests).toHaveLength(1);
  });
});

describe("a reply that is not what one hoped for", () => {
  test("the length limit: the calls that were cut are not in the reply", async () => {
    const calls = [
      { tool: "run_code", arguments: { source: "1" } },
      { tool: "run_code", arguments: '{"source": "2' },
      { tool: "finish_round", arguments: "" },
    ];
    await using b = await bench([{ type: "reply", reply: { text: "so", calls, finish: "length" } }]);
    const reply = await b.model.reply(ask(), running);
    expect(reply).toMatchObject({ text: "so", stop: "length" });
    expect(reply.calls.map((call) => call.arguments)).toEqual([{ source: "1" }]);
  });

  test.for(["tool_calls", "stop"])(
    "a call that breaks off, and the server says %s: it was cut all the same",
    async (finish) => {
      const calls = [
        { tool: "run_code", arguments: { source: "1" } },
        { tool: "run_code", arguments: '{"source": "print(1' },
      ];
      await using b = await bench([{ type: "reply", reply: { calls, finish } }]);
      const reply = await b.model.reply(ask(), running);
      expect(reply).toMatchObject({ stop: "length", calls: [{ arguments: { source: "1" } }] });
      expect(reply.unread).toMatch(
        /^The call of run_code was cut off before its end, .* write a shorter one/,
      );
    },
  );

  test.for([
    ["content filter", { text: "I", finish: "content_filter" }],
    ["refusal", { refusal: "I will not." }],
  ] as const)("%s: a filtered reply without calls", async ([, reply]) => {
    await using b = await bench([{ type: "reply", reply }]);
    expect(await b.model.reply(ask(), running)).toMatchObject({ stop: "filtered", calls: [] });
  });

  test("a complete reply without usage is kept, with an estimate and no cost", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "x".repeat(300), usage: null } }]);
    const { usage } = await b.model.reply(ask(), running);
    expect(usage.outputTokens).toBeGreaterThanOrEqual(100);
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.costUsd).toBeNull();
  });
});

describe("waiting", () => {
  test("an abort ends it with the signal's own reason", async () => {
    const abort = new AbortController();
    const reason = new Error("the user pressed Ctrl-C");
    await using b = await bench([{ type: "error", status: 500 }], {
      firstDelayMs: 60_000,
      maxDelayMs: 60_000,
      onNotice: ({ type }) => {
        if (type === "retried") abort.abort(reason);
      },
    });
    await expect(b.model.reply(ask(), { signal: abort.signal })).rejects.toBe(reason);
  });

  test("an abort before the request sends nothing", async () => {
    await using b = await bench([OK]);
    const reason = new Error("too late");
    await expect(b.model.reply(ask(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(b.server.requests).toHaveLength(0);
  });
});
