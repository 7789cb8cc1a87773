import { describe, expect, test } from "vitest";
import { profileOf } from "../../../src/models/catalogue/profiles.ts";
import type { StreamShape } from "../../../src/testing/model-server.ts";
import { ask, bench, FINISH, RUN_CODE, running } from "../helpers.ts";

const CALLS = [
  { tool: "run_code", arguments: { source: "1 + 1" } },
  { tool: "run_code", arguments: { source: "2 + 2 # ✓" } },
];

const SHAPES: readonly [string, StreamShape][] = [
  ["as OpenAI does", {}],
  ["one character a piece", { pieceChars: 1 }],
  ["whole calls without an index (Gemini)", { wholeCalls: true, index: "absent" }],
  ["whole calls, all with index 0 (Ollama)", { wholeCalls: true, index: "zero" }],
  ["pieces, all with index 0", { index: "zero" }],
  ["pieces without an index", { index: "absent" }],
  ["without [DONE]", { done: false }],
  ["with comments between events", { comments: true }],
];

describe("a chat completion", () => {
  test.for(SHAPES)("with text and two calls, %s", async ([, shape]) => {
    await using b = await bench([{ type: "reply", reply: { text: "Let me see.", calls: CALLS }, shape }]);
    const reply = await b.model.reply(ask(), running);
    expect(reply.text).toBe("Let me see.");
    expect(reply.calls.map(({ tool, arguments: args }) => ({ tool, arguments: args }))).toEqual(CALLS);
    expect(new Set(reply.calls.map(({ id }) => id)).size).toBe(2);
    expect(reply.stop).toBe("calls");
    expect(reply.usage).toEqual({ inputTokens: 100, cachedTokens: 40, outputTokens: 20, costUsd: null });
    expect(b.server.requests).toHaveLength(1);
  });

  test("calls without ids, one after the other in pieces with index 0, stay apart and get ids of their own", async () => {
    const calls = CALLS.map((call) => ({ ...call, id: "" }));
    await using b = await bench([{ type: "reply", reply: { calls }, shape: { index: "zero" } }]);
    const reply = await b.model.reply(ask(), running);
    expect(reply.calls.map((call) => call.arguments)).toEqual(CALLS.map((call) => call.arguments));
    expect(reply.calls.every(({ id }) => /^[a-z0-9]{9}$/.test(id))).toBe(true);
    expect((await b.model.reply(ask(), running)).calls).toEqual(reply.calls);
  });

  test("not streamed", async () => {
    await using b = await bench([{ type: "reply", reply: { calls: CALLS } }], { stream: false });
    const reply = await b.model.reply(ask(), running);
    expect(reply.calls.map((call) => call.arguments)).toEqual(CALLS.map((call) => call.arguments));
    expect(b.server.requests[0]?.body["stream"]).toBe(false);
  });

  test.for(["", "data: "])("behind a byte order mark: %j", async (mark) => {
    const whole = { choices: [{ message: { content: "fine" }, finish_reason: "stop" }] };
    await using b = await bench([{ type: "raw", body: `\uFEFF${mark}${JSON.stringify(whole)}\n\n` }]);
    expect((await b.model.reply(ask(), running)).text).toBe("fine");
    expect(b.server.requests).toHaveLength(1);
  });

  test.for(["chat", "responses"] as const)("%s: connections are used again", async (api) => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], { api });
    for (let turn = 0; turn < 5; turn++) await b.model.reply(ask(), running);
    // The second may open before the first is free again.
    expect(b.server.connections).toBeLessThanOrEqual(2);
  });

  test("sends the request to the letter", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], {
      temperature: 0.5,
      maxOutputTokens: 900,
      reasoningEffort: "low",
    });
    await b.model.reply(ask({ toolChoice: { tool: "finish_round" } }), running);
    const [seen] = b.server.requests;
    expect(seen?.path).toBe("/v1/chat/completions");
    expect(seen?.headers["authorization"]).toBe("Bearer test-key");
    expect(seen?.body).toEqual({
      model: "served",
      messages: [
        { role: "system", content: "You work on a notebook." },
        { role: "user", content: "Begin." },
      ],
      tools: [RUN_CODE, FINISH].map((tool) => ({ type: "function", function: tool })),
      tool_choice: { type: "function", function: { name: "finish_round" } },
      seed: 7,
      temperature: 0.5,
      reasoning_effort: "low",
      max_tokens: 900,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.for(["auto", "none"] as const)("tool choice %s", async (toolChoice) => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }]);
    await b.model.reply(ask({ toolChoice }), running);
    expect(b.server.requests[0]?.body["tool_choice"]).toBe(toolChoice);
  });

  test("calls and results go back in pairs, pictures of results in a user message after all of them", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], {
      profile: { seesImages: true },
    });
    const picture = { type: "image", mime: "image/png", base64: "AAAA" } as const;
    const call = (id: string) => ({ id, tool: "run_code", arguments: { source: id } });
    await b.model.reply(
      ask({
        messages: [
          { role: "user", content: [{ type: "text", text: "look" }, picture] },
          { role: "assistant", text: "", calls: [call("a"), call("b")] },
          { role: "tool", callId: "a", isError: false, content: [{ type: "text", text: "plot" }, picture] },
          { role: "tool", callId: "b", isError: true, content: [{ type: "text", text: "no" }] },
          { role: "user", content: [{ type: "text", text: "go on" }] },
        ],
      }),
      running,
    );
    const url = "data:image/png;base64,AAAA";
    const sent = (id: string) => ({
      id,
      type: "function",
      function: { name: "run_code", arguments: JSON.stringify({ source: id }) },
    });
    expect(b.server.requests[0]?.body["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "look" },
          { type: "image_url", image_url: { url } },
        ],
      },
      { role: "assistant", content: null, tool_calls: [sent("a"), sent("b")] },
      { role: "tool", tool_call_id: "a", content: "plot\n[picture (image/png): see the next message]" },
      { role: "tool", tool_call_id: "b", content: "no" },
      {
        role: "user",
        content: [
          { type: "text", text: "The picture from the tool results above, in order:" },
          { type: "image_url", image_url: { url } },
        ],
      },
      { role: "user", content: "go on" },
    ]);
  });

  test("what a provider hangs on a call goes back to it, and to nobody else", async () => {
    const signature = { extra_content: { google: { thought_signature: "SIG" } } };
    const served = { tool: "run_code", arguments: { source: "1" }, extra: signature };
    await using b = await bench([
      { type: "reply", reply: { calls: [served], reasoning: "hm, well" }, shape: { wholeCalls: true } },
    ]);
    const { calls } = await b.model.reply(ask(), running);
    const next = ask({
      messages: [
        { role: "assistant", text: "", calls },
        { role: "tool", callId: calls[0]?.id ?? "", isError: false, content: [] },
      ],
    });
    await b.model.reply(next, running);
    expect(b.server.requests[1]?.body["messages"]).toMatchObject([
      { role: "assistant", reasoning_content: "hm, well", tool_calls: [signature] },
      { role: "tool" },
    ]);
    await using other = await bench([{ type: "reply", reply: { text: "ok" } }], { model: "another" });
    await other.model.reply(next, running);
    const text = JSON.stringify(other.server.requests[0]?.body);
    expect(text).not.toContain("SIG");
    expect(text).not.toContain("hm, well");
  });
});

describe("cache breakpoints", () => {
  const text = (words: string) => [{ type: "text", text: words }] as const;
  const request = ask({
    messages: [
      { role: "system", content: text("s") },
      { role: "user", content: [...text("a"), ...text("b")] },
      { role: "assistant", text: "ok", calls: [] },
      { role: "user", content: text("c") },
    ],
    breakpoints: [0, 2],
    toolChoice: "none",
  });
  const mark = { prompt_cache_breakpoint: { mode: "explicit" } };

  test("are marked on the last part, where the provider takes them", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], {
      profile: profileOf("gpt-5.6", "https://api.openai.com/v1"),
    });
    await b.model.reply(request, running);
    expect(b.server.requests[0]?.body["messages"]).toEqual([
      { role: "system", content: [{ type: "text", text: "s", ...mark }] },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b", ...mark },
        ],
      },
      { role: "assistant", content: "ok" },
      { role: "user", content: [{ type: "text", text: "c" }] },
    ]);
  });

  test("in the way of Claude behind a router", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], {
      profile: profileOf("anthropic/claude-sonnet-5", "https://openrouter.ai/api/v1"),
    });
    await b.model.reply(request, running);
    expect(b.server.requests[0]?.body["messages"]).toMatchObject([
      { content: [{ cache_control: { type: "ephemeral" } }] },
      { content: [{ text: "a" }, { cache_control: { type: "ephemeral" } }] },
      {},
      { content: [{ type: "text", text: "c" }] },
    ]);
  });

  test("in the Responses API", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }], {
      api: "responses",
      profile: profileOf("gpt-5.6", "https://api.openai.com/v1"),
    });
    await b.model.reply(request, running);
    expect(b.server.requests[0]?.body["input"]).toMatchObject([
      { content: [{ text: "s", ...mark }] },
      { content: [{ text: "a" }, { text: "b", ...mark }] },
      {},
      { content: [{ text: "c" }] },
    ]);
  });

  test("are left out everywhere else", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "ok" } }]);
    await b.model.reply(request, running);
    expect(JSON.stringify(b.server.requests[0]?.body)).not.toMatch(/cache/);
  });
});
