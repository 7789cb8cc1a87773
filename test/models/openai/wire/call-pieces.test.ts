// The calls of a reply, whatever ids and numbers a server gives them and however it cuts them: as many as were made, each
// with its own arguments and an id of its own.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, ModelReply } from "../../../../src/contracts/index.ts";
import { addChunk, EMPTY_DRAFT } from "../../../../src/models/openai/wire/chat-draft.ts";
import { finishReply } from "../../../../src/models/openai/wire/finish-reply.ts";
import { ask, bench, running } from "../../helpers.ts";

interface Made {
  readonly tool: string;
  readonly arguments: JsonObject;
}

interface Shape {
  readonly ids: "own" | "same" | "none" | "two of them the same";
  readonly index: "counted" | "zero" | "absent";
  /** What each piece of a call repeats. */
  readonly repeats: readonly ("id" | "name")[];
  /** The pieces of the calls come by turns. Only numbers can tell them apart then. */
  readonly interleaved: boolean;
}

const words = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom("{}", '{"a":1}', "}{", ""));
const made: fc.Arbitrary<readonly Made[]> = fc.array(
  fc.oneof(
    words.map((source) => ({ tool: "run_code", arguments: { source } })),
    words.map((summary) => ({ tool: "finish_round", arguments: { summary } })),
  ),
  { minLength: 1, maxLength: 4 },
);
const shapes: fc.Arbitrary<Shape> = fc
  .record({
    ids: fc.constantFrom("own" as const, "same" as const, "none" as const, "two of them the same" as const),
    index: fc.constantFrom("counted" as const, "zero" as const, "absent" as const),
    repeats: fc.subarray(["id" as const, "name" as const]),
    interleaved: fc.boolean(),
  })
  .map((shape) => ({ ...shape, interleaved: shape.interleaved && shape.index === "counted" }));

function idOf(at: number, { ids }: Shape): string {
  if (ids === "none") return "";
  return ids === "same" ? "call_0" : `call_${ids === "own" ? at : Math.floor(at / 2)}`;
}

/** The calls as pieces of a stream: the first of each has its id and name. */
function piecesOf(calls: readonly Made[], shape: Shape, sizes: readonly number[]): readonly JsonObject[] {
  const each = calls.map((call, at) => {
    const text = JSON.stringify(call.arguments);
    const size = sizes[at % sizes.length] ?? 1;
    const cut = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
      text.slice(n * size, (n + 1) * size),
    );
    const index = shape.index === "absent" ? {} : { index: shape.index === "zero" ? 0 : at };
    const id = idOf(at, shape);
    return cut.map((args, n): JsonObject => ({
      ...index,
      ...(id !== "" && (n === 0 || shape.repeats.includes("id")) && { id }),
      type: "function",
      function: { ...((n === 0 || shape.repeats.includes("name")) && { name: call.tool }), arguments: args },
    }));
  });
  if (!shape.interleaved) return each.flat();
  const longest = Math.max(...each.map(({ length }) => length));
  return Array.from({ length: longest }, (_, n) => each.flatMap((cut) => cut.slice(n, n + 1))).flat();
}

function finish(draft: typeof EMPTY_DRAFT): ModelReply {
  return finishReply({ ...draft, finish: "tool_calls" }, ask(), {
    origin: "test",
    usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1, costUsd: null },
    closingWord: "",
    onRepair: () => expect.unreachable("nothing was to be repaired"),
    onSeen: () => undefined,
  });
}

function expectCalls(reply: ModelReply, calls: readonly Made[]): void {
  expect(reply.calls.map(({ tool, arguments: args }) => ({ tool, arguments: args }))).toEqual(calls);
  expect(new Set(reply.calls.map(({ id }) => id)).size).toBe(calls.length);
}

describe("however a server names, numbers and cuts the calls of a reply", () => {
  test("a stream holds as many as were made", () => {
    fc.assert(
      fc.property(
        made,
        shapes,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        fc.boolean(),
        (calls, shape, sizes, oneChunk) => {
          const pieces = piecesOf(calls, shape, sizes);
          const chunks = oneChunk ? [pieces] : pieces.map((piece) => [piece]);
          const draft = chunks.reduce(
            (before, tool_calls) => addChunk(before, { choices: [{ index: 0, delta: { tool_calls } }] }),
            EMPTY_DRAFT,
          );
          expectCalls(finish(draft), calls);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a reply in one body holds as many as were made, those without arguments too", () => {
    fc.assert(
      fc.property(made, shapes, fc.boolean(), (calls, shape, bare) => {
        const tool_calls = piecesOf(calls, shape, [100]).map((call) =>
          bare ? { ...call, function: { name: "finish_round", arguments: "{}" } } : call,
        );
        const draft = addChunk(EMPTY_DRAFT, { choices: [{ message: { tool_calls } }] });
        const wanted = bare ? calls.map(() => ({ tool: "finish_round", arguments: {} })) : calls;
        expectCalls(finish(draft), wanted);
      }),
    );
  });

  test("id and name that come again behind a whole call are no call", () => {
    const piece = (text: string): JsonObject => ({
      index: 0,
      id: "a",
      function: { name: "run_code", arguments: text },
    });
    const draft = ['{"source":', '"1"}', ""].reduce(
      (before, text) => addChunk(before, { choices: [{ delta: { tool_calls: [piece(text)] } }] }),
      EMPTY_DRAFT,
    );
    expectCalls(finish(draft), [{ tool: "run_code", arguments: { source: "1" } }]);
  });
});

describe.for(["chat", "responses"] as const)("over HTTP, in the %s API", (api) => {
  const calls = ["2", "3"].map((source) => ({ tool: "run_code", arguments: { source }, id: "call_0" }));

  test.for([true, false])(
    "two calls of one id go back as two, each with its result (streamed: %s)",
    async (stream) => {
      await using b = await bench([{ type: "reply", reply: { calls, reasoning: "hm" } }], { api, stream });
      let messages = ask().messages;
      for (let turn = 0; turn < 2; turn++) {
        const reply = await b.model.reply(ask({ messages }), running);
        expectCalls(
          reply,
          calls.map(({ tool, arguments: args }) => ({ tool, arguments: args })),
        );
        const results = reply.calls.map(({ id }) => ({
          role: "tool" as const,
          callId: id,
          isError: false,
          content: [{ type: "text" as const, text: "done" }],
        }));
        messages = [...messages, { role: "assistant", text: reply.text, calls: reply.calls }, ...results];
      }
      await b.model.reply(ask({ messages }), running);
      const sent = JSON.stringify(b.server.requests.at(-1)?.body[api === "chat" ? "messages" : "input"]);
      const named = [...sent.matchAll(/"(?:call_id|tool_call_id|id)":"(\w+)"/g)].map(([, id]) => id);
      // Four calls and their results, by four names.
      expect(named).toHaveLength(8);
      expect(new Set(named).size).toBe(4);
      expect(sent.match(/"(?:source|\{\\"source)\\?":/g) ?? sent.match(/source/g)).toHaveLength(4);
    },
  );
});
