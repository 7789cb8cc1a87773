import { describe, expect, test } from "vitest";
import { listOf } from "../../../src/core/untrusted.ts";
import type { Json, Message } from "../../../src/contracts/index.ts";
import type { Behaviour } from "../../../src/testing/model-server.ts";
import { ask, bench, FINISH, RUN_CODE, running } from "../helpers.ts";

const CALLS = [
  { tool: "run_code", arguments: { source: "1" }, id: "a" },
  { tool: "finish_round", arguments: { summary: "✓" }, id: "b" },
];
const REASONED: Behaviour = { type: "reply", reply: { text: "So.", reasoning: "ENCRYPTED", calls: CALLS } };
const responses = { api: "responses" } as const;

describe("the Responses API", () => {
  test.for([true, false])("text, reasoning and two calls (streamed: %s)", async (stream) => {
    await using b = await bench([REASONED], { ...responses, stream });
    const reply = await b.model.reply(ask(), running);
    expect(reply).toMatchObject({ text: "So.", stop: "calls", calls: CALLS });
    expect(reply.usage).toEqual({
      inputTokens: 100,
      cachedTokens: 40,
      outputTokens: 20,
      cacheWriteTokens: 0,
      reasoningTokens: 5,
      costUsd: null,
    });
  });

  test("sends the request to the letter; nothing is stored", async () => {
    await using b = await bench([REASONED], { ...responses, maxOutputTokens: 900, reasoningEffort: "low" });
    await b.model.reply(ask({ toolChoice: { tool: "finish_round" } }), running);
    const [seen] = b.server.requests;
    expect(seen?.path).toBe("/v1/responses");
    expect(seen?.body).toEqual({
      model: "served",
      input: [
        { role: "system", content: [{ type: "input_text", text: "You work on a notebook." }] },
        { role: "user", content: [{ type: "input_text", text: "Begin." }] },
      ],
      tools: [RUN_CODE, FINISH].map((tool) => ({ type: "function", ...tool, strict: false })),
      tool_choice: { type: "function", name: "finish_round" },
      include: ["reasoning.encrypted_content"],
      max_output_tokens: 900,
      reasoning: { effort: "low" },
      store: false,
      stream: true,
    });
  });

  test("reasoning goes back right before what it led to, with every call once and its result", async () => {
    await using b = await bench([REASONED], responses);
    const { text, calls } = await b.model.reply(ask(), running);
    const picture = { type: "image", mime: "image/png", base64: "AAAA" } as const;
    const next = ask({
      messages: [
        { role: "assistant", text, calls },
        { role: "tool", callId: "a", isError: false, content: [{ type: "text", text: "1" }, picture] },
        { role: "tool", callId: "b", isError: false, content: [{ type: "text", text: "done" }] },
      ],
    });
    await b.model.reply(next, running);
    const call = ({ tool, arguments: args, id }: (typeof CALLS)[number]) => ({
      type: "function_call",
      call_id: id,
      name: tool,
      arguments: JSON.stringify(args),
    });
    expect(b.server.requests[1]?.body["input"]).toEqual([
      { type: "reasoning", summary: [], encrypted_content: "ENCRYPTED" },
      { role: "assistant", content: "So." },
      ...CALLS.map(call),
      {
        type: "function_call_output",
        call_id: "a",
        output: [
          { type: "input_text", text: "1" },
          { type: "input_image", detail: "auto", image_url: "data:image/png;base64,AAAA" },
        ],
      },
      { type: "function_call_output", call_id: "b", output: "done" },
    ]);
    await using chat = await bench([REASONED]);
    await chat.model.reply(next, running);
    expect(JSON.stringify(chat.server.requests[0]?.body)).not.toContain("ENCRYPTED");
  });

  test("length and content filter", async () => {
    const cut = { text: "half", finish: "length", calls: [{ tool: "run_code", arguments: '{"source": "1' }] };
    await using b = await bench(
      [
        { type: "reply", reply: cut },
        { type: "reply", reply: { text: "", finish: "content_filter" } },
        { type: "reply", reply: { refusal: "No." } },
      ],
      responses,
    );
    expect(await b.model.reply(ask(), running)).toMatchObject({ text: "half", stop: "length", calls: [] });
    expect(await b.model.reply(ask(), running)).toMatchObject({ stop: "filtered", calls: [] });
    expect(await b.model.reply(ask(), running)).toMatchObject({ text: "No.", stop: "filtered" });
  });

  test.for([
    [
      "failed",
      {
        type: "response.failed",
        response: { status: "failed", error: { code: "server_error", message: "oops" } },
      },
    ],
    ["error", { type: "error", code: "rate_limit_exceeded", message: "Rate limit reached", param: null }],
  ] as const)("a stream that ends with %s is asked for again", async ([, event]) => {
    const failing: Behaviour = {
      type: "raw",
      headers: { "content-type": "text/event-stream" },
      body: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    };
    await using b = await bench([failing, REASONED], responses);
    expect((await b.model.reply(ask(), running)).text).toBe("So.");
    expect(b.server.requests).toHaveLength(2);
  });
});

describe("what goes back of a reply", () => {
  const message = {
    type: "message",
    id: "msg_1",
    phase: "commentary",
    content: [{ type: "output_text", text: "Let me see." }],
  };
  const call = { type: "function_call", id: "fc_1", call_id: "c1", name: "run_code", arguments: "{}" };
  /** The input items of the next request, after a reply with this output. */
  const sentBack = async (output: Json[], status = "completed"): Promise<readonly Json[]> => {
    const details = { incomplete_details: { reason: "max_output_tokens" } };
    const body = JSON.stringify({
      object: "response",
      status,
      ...(status === "incomplete" && details),
      output,
    });
    await using b = await bench([{ type: "raw", body }], { ...responses, stream: false });
    const { text, calls } = await b.model.reply(ask(), running);
    const results = calls.map(({ id }): Message => ({
      role: "tool",
      callId: id,
      isError: false,
      content: [{ type: "text", text: "ok" }],
    }));
    const messages: readonly Message[] = [...ask().messages, { role: "assistant", text, calls }, ...results];
    await b.model.reply(ask({ messages }), running);
    return listOf(b.server.requests[1]?.body["input"]).slice(2);
  };
  const sentCall = { type: "function_call", call_id: "c1", name: "run_code", arguments: "{}" };
  const sentResult = { type: "function_call_output", call_id: "c1", output: "ok" };

  test("sealed thoughts without the id of an item that nobody stored, and without a status", async () => {
    const sealed = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "E", status: null };
    expect(await sentBack([sealed, call])).toMatchObject([
      { type: "reasoning", summary: [], encrypted_content: "E" },
      sentCall,
      sentResult,
    ]);
    expect((await sentBack([sealed, call]))[0]).not.toHaveProperty("id");
    expect((await sentBack([sealed, call]))[0]).not.toHaveProperty("status");
  });

  test("thoughts in the open with their id; an item that only names some is left out", async () => {
    const open = {
      type: "reasoning",
      id: "rs_2",
      summary: [],
      content: [{ type: "reasoning_text", text: "hm" }],
    };
    expect((await sentBack([open, call]))[0]).toEqual(open);
    const bare = { type: "reasoning", id: "rs_3", summary: [] };
    expect((await sentBack([bare, call]))[0]).toMatchObject(sentCall);
  });

  test("which words were said on the way, and which at the end", async () => {
    expect((await sentBack([message, call]))[0]).toEqual({
      role: "assistant",
      content: "Let me see.",
      phase: "commentary",
    });
  });

  test("a call that the limit cut off is none, whole as its JSON may look", async () => {
    const cut = { ...call, status: "incomplete" };
    expect(await sentBack([message, cut], "incomplete")).toMatchObject([{ role: "assistant" }]);
  });
});
