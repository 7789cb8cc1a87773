import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/contracts/index.ts";
import type { Behaviour, SeenRequest } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

const OK: Behaviour = {
  type: "reply",
  reply: { text: "fine", calls: [{ tool: "finish_round", arguments: {} }] },
};
const SETTINGS = { temperature: 0.3, maxOutputTokens: 500, reasoningEffort: "high" } as const;

function refuse(message: string, param: string | null = null, status = 400): Behaviour {
  return { type: "error", status, body: { error: { message, param, type: "invalid_request_error" } } };
}

/** A server that refuses as long as the body has the field. */
const strictAbout = (has: (body: JsonObject) => boolean, refusal: Behaviour) => (request: SeenRequest) =>
  has(request.body) ? refusal : OK;

type Row = readonly [string, (body: JsonObject) => boolean, Behaviour];

const ROWS: readonly Row[] = [
  [
    "temperature (OpenAI's reasoning models)",
    (body) => "temperature" in body,
    refuse("Unsupported value: 'temperature' does not support 0.3 with this model.", "temperature"),
  ],
  [
    "max_tokens (OpenAI)",
    (body) => "max_tokens" in body,
    refuse(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_tokens",
    ),
  ],
  [
    "seed (Gemini)",
    (body) => "seed" in body,
    {
      type: "error",
      status: 400,
      body: [
        {
          error: {
            code: 400,
            message: 'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
            status: "INVALID_ARGUMENT",
          },
        },
      ],
    },
  ],
  [
    "stream_options (old servers)",
    (body) => "stream_options" in body,
    { type: "error", status: 422, body: { detail: "stream_options: Extra inputs are not permitted" } },
  ],
  [
    "reasoning_effort",
    (body) => "reasoning_effort" in body,
    refuse("Unrecognized request argument supplied: reasoning_effort"),
  ],
  [
    "streaming",
    (body) => body["stream"] === true,
    refuse("streaming is not supported by this model", null, 501),
  ],
  [
    "the system role",
    (body) => JSON.stringify(body["messages"]).includes('"system"'),
    refuse(
      "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      "messages[0].role",
    ),
  ],
  [
    "a tool choice by name",
    (body) => typeof body["tool_choice"] === "object",
    refuse("tool_choice: only 'auto', 'none' and 'required' are supported here, unsupported value"),
  ],
  ["any tool choice", (body) => "tool_choice" in body, refuse("`tool_choice` is not supported")],
];

describe("a parameter that is refused", () => {
  test.for(ROWS)("%s: left out, remembered, told once", async ([, has, refusal]) => {
    await using b = await bench(strictAbout(has, refusal), { ...SETTINGS, maxRetries: 0 });
    const request = ask({ toolChoice: { tool: "finish_round" } });
    expect((await b.model.reply(request, running)).text).toBe("fine");
    const learnt = b.server.requests.length;
    expect(learnt).toBeGreaterThan(1);
    expect(b.notices.filter(({ type }) => type === "adapted")).toHaveLength(learnt - 1);
    await b.model.reply(request, running);
    expect(b.server.requests).toHaveLength(learnt + 1);
    expect(b.notices.filter(({ type }) => type === "adapted")).toHaveLength(learnt - 1);
  });

  test("max_tokens gives way to max_completion_tokens, with the same number", async () => {
    const [, has, refusal] = ROWS[1] ?? [];
    if (has === undefined || refusal === undefined) throw new Error("no such row");
    await using b = await bench(strictAbout(has, refusal), SETTINGS);
    await b.model.reply(ask(), running);
    expect(b.server.requests[1]?.body["max_completion_tokens"]).toBe(500);
  });

  test("eight episodes at once learn the lesson from one another", async () => {
    const refusal = refuse("Unknown parameter: 'seed'.", "seed");
    await using b = await bench(strictAbout((body) => "seed" in body, refusal));
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, seed) => b.model.reply(ask({ seed }), running)),
    );
    expect(replies.every(({ text }) => text === "fine")).toBe(true);
    expect(b.notices.filter(({ type }) => type === "adapted")).toHaveLength(1);
  });

  test("refusing everything ends with an error, not with a loop", async () => {
    await using b = await bench([refuse("Unsupported parameter: 'temperature'", "temperature")], SETTINGS);
    const failure: unknown = await b.model.reply(ask(), running).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: "unsupported" });
    expect(b.server.requests).toHaveLength(2);
  });
});

describe("pictures that are refused", () => {
  test("are left out with a word in their place, and the model no longer sees", async () => {
    const refusal = refuse("this model does not support image input");
    const has = (body: JsonObject) => JSON.stringify(body).includes("image_url");
    await using b = await bench(strictAbout(has, refusal), { profile: { seesImages: true } });
    const picture = { type: "image", mime: "image/png", base64: "AAAA" } as const;
    expect(b.model.seesImages).toBe(true);
    await b.model.reply(ask({ messages: [{ role: "user", content: [picture] }] }), running);
    expect(b.model.seesImages).toBe(false);
    expect(b.server.requests[1]?.body["messages"]).toEqual([
      { role: "user", content: "[picture (image/png): not shown]" },
    ]);
  });
});

describe("roles that must alternate", () => {
  test("neighbouring messages of the user become one", async () => {
    await using b = await bench([
      refuse("Conversation roles must alternate user/assistant/user/assistant/...", null, 500),
      OK,
    ]);
    const user = (text: string) => ({ role: "user", content: [{ type: "text", text }] }) as const;
    await b.model.reply(ask({ messages: [user("one"), user("two")] }), running);
    expect(b.server.requests[1]?.body["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: "two" },
        ],
      },
    ]);
  });
});

describe("a model without tools", () => {
  const refusal = refuse("registry.ollama.ai/library/gemma:2b does not support tools");

  test("is taught to write calls as text, and its calls are read from there", async () => {
    const text = 'I compute.\n<tool_call>\n{"name":"run_code","arguments":{"source":"1"}}\n</tool_call>';
    await using b = await bench((request) =>
      "tools" in request.body ? refusal : { type: "reply", reply: { text } },
    );
    const reply = await b.model.reply(ask(), running);
    expect(reply).toMatchObject({ text: "I compute.", stop: "calls" });
    expect(reply.calls).toMatchObject([{ tool: "run_code", arguments: { source: "1" } }]);
    const next = ask({
      toolChoice: { tool: "finish_round" },
      messages: [
        ...ask().messages,
        { role: "assistant", text: reply.text, calls: reply.calls },
        {
          role: "tool",
          callId: reply.calls[0]?.id ?? "",
          isError: false,
          content: [{ type: "text", text: "1" }],
        },
      ],
    });
    await b.model.reply(next, running);
    const messages = b.server.requests.at(-1)?.body["messages"];
    expect(messages).toMatchObject([
      { role: "system", content: expect.stringMatching(/run_code[\s\S]*finish_round/) as string },
      { role: "user", content: "Begin." },
      { role: "assistant", content: text },
      { role: "user", content: expect.stringMatching(/<tool_response[\s\S]*finish_round now/) as string },
    ]);
    expect(b.server.requests.at(-1)?.body).not.toHaveProperty("tools");
  });

  test("its calls are not read where none is allowed", async () => {
    const text = '<tool_call>{"name": "run_code", "arguments": {}}</tool_call>';
    await using b = await bench([{ type: "reply", reply: { text } }]);
    expect((await b.model.reply(ask({ toolChoice: "none" }), running)).calls).toEqual([]);
  });
});
