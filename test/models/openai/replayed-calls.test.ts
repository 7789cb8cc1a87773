// Servers that do not take back what they, or another model, gave: the ids of calls, and replies that have calls alone.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject, Message } from "../../../src/contracts/index.ts";
import { listOf, recordOf, stringOf } from "../../../src/core/untrusted.ts";
import { toShortId } from "../../../src/models/openai/wire/call-ids.ts";
import type { Behaviour, BehaviourScript } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

const OK: Behaviour = { type: "reply", reply: { text: "fine" } };
/** Those of llama.cpp, vLLM, Ollama, OpenAI, Kimi, LiteLLM; and one in the form that all take. */
const GIVEN = [
  "1697377797897",
  "chatcmpl-tool-8cbb27ef",
  "call_x1Yz",
  "functions.run_code:0",
  "abc",
  "aB3xK9mP2",
];
const SHORT = /^[A-Za-z0-9]{9}$/;

/** A conversation with two calls in each reply, and no words beside them. */
function conversation(ids: readonly string[]): readonly Message[] {
  return [
    ...ask().messages,
    {
      role: "assistant",
      text: "",
      calls: ids.map((id) => ({ id, tool: "run_code", arguments: { source: "1" } })),
    },
    ...ids.map((callId): Message => ({
      role: "tool",
      callId,
      isError: false,
      content: [{ type: "text", text: `of ${callId}` }],
    })),
  ];
}

const messagesIn = (body: JsonObject): readonly JsonObject[] =>
  listOf(body["messages"]).map((one) => recordOf(one));
const callsIn = (body: JsonObject): readonly string[] =>
  messagesIn(body).flatMap((message) =>
    listOf(message["tool_calls"]).map((call) => stringOf(recordOf(call)["id"])),
  );
const resultsIn = (body: JsonObject): readonly string[] =>
  messagesIn(body).flatMap(({ role, tool_call_id }) => (role === "tool" ? [stringOf(tool_call_id)] : []));

type Row = readonly [server: string, status: number, said: string | Json];

const bodyOf = (status: number, said: string | Json): Json =>
  typeof said === "string" ? { error: { message: said, code: status } } : said;

function strictAbout(isTaken: (body: JsonObject) => boolean, [, status, said]: Row): BehaviourScript {
  return ({ body }) => (isTaken(body) ? OK : { type: "error", status, body: bodyOf(status, said) });
}

const NINE = "Tool call IDs should be alphanumeric strings with length 9!";
const ABOUT_IDS: readonly Row[] = [
  ["llama.cpp", 500, `${NINE} at row 91, column 40:\n                {%- if not tool_call.id is defined`],
  ["llama.cpp, as it generates a parser", 400, `Automatic parser generation: ${NINE}`],
  ["mlx", 404, NINE],
  [
    "Mistral, vLLM",
    400,
    {
      object: "error",
      message: "Tool call id was chatcmpl-tool-8cbb27ef but must be a-z, A-Z, 0-9, with a length of 9.",
      type: "invalid_function_call",
      param: null,
      code: "3280",
    },
  ],
];

describe("a server that takes ids of nine letters and digits alone", () => {
  test.for(ABOUT_IDS)(
    "%s: each call and its result get one, the same in every later request",
    async (row) => {
      const takes = (body: JsonObject): boolean =>
        [...callsIn(body), ...resultsIn(body)].every((id) => SHORT.test(id));
      await using b = await bench(strictAbout(takes, row), { maxRetries: 0 });
      const request = ask({ messages: conversation(GIVEN) });
      expect((await b.model.reply(request, running)).text).toBe("fine");
      await b.model.reply(request, running);
      const [first, second, third] = b.server.requests.map(({ body }) => callsIn(body));
      expect(b.server.requests).toHaveLength(3);
      expect(first).toEqual(GIVEN);
      expect(new Set(second).size).toBe(GIVEN.length);
      expect(second?.at(-1)).toBe(GIVEN.at(-1));
      expect(third).toEqual(second);
      expect(b.server.requests.map(({ body }) => resultsIn(body))).toEqual([first, second, third]);
      expect(b.notices.filter(({ type }) => type === "adapted")).toMatchObject([
        { message: 'callIds: "given" -> "short"' },
      ]);
    },
  );

  test("others get the ids back that they gave: some models read them", async () => {
    await using b = await bench([OK]);
    await b.model.reply(ask({ messages: conversation(GIVEN) }), running);
    expect(callsIn(b.server.requests[0]?.body ?? {})).toEqual(GIVEN);
  });

  test("property: two ids stay two, and an id in that form stays as it is", () => {
    const ids = fc.uniqueArray(fc.oneof(fc.string(), fc.stringMatching(SHORT)), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(ids, (all) => {
        const short = all.map(toShortId);
        expect(new Set(short).size).toBe(all.length);
        expect(short.every((id) => SHORT.test(id))).toBe(true);
        expect(short.map(toShortId)).toEqual(short);
      }),
    );
  });
});

const ABOUT_WORDS: readonly Row[] = [
  ["Ollama", 400, "invalid message content type: <nil>"],
  [
    "LM Studio",
    400,
    { error: "Invalid 'content': 'content' field must be a string or an array of objects." },
  ],
  ["OpenAI, behind a gateway", 400, "Invalid value for 'content': expected a string, got null."],
  [
    "one by pydantic",
    422,
    {
      detail: [
        {
          type: "string_type",
          loc: ["body", "messages", 2, "content"],
          msg: "Input should be a valid string",
          input: null,
        },
      ],
    },
  ],
  ["one by jinja2", 500, 'can only concatenate str (not "NoneType") to str'],
];

describe("a server that takes no message without words", () => {
  test.for(ABOUT_WORDS)("%s: gets empty ones", async (row) => {
    const takes = (body: JsonObject): boolean => messagesIn(body).every(({ content }) => content !== null);
    await using b = await bench(strictAbout(takes, row), { maxRetries: 0 });
    const request = ask({ messages: conversation(["abcdefghi"]) });
    expect((await b.model.reply(request, running)).text).toBe("fine");
    await b.model.reply(request, running);
    expect(b.server.requests.map(({ body }) => messagesIn(body)[2]?.["content"])).toEqual([null, "", ""]);
  });
});
