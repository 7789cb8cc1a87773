import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { breaksOff, closestName, readArguments } from "../../../../src/models/openai/wire/repair-call.ts";
import type { ServedCall, StreamShape } from "../../../../src/testing/model-server.ts";
import { ask, bench, running } from "../../helpers.ts";

const ARGS = { source: "print('hi')\nx = [1, 2,]" };
const TOOLS = ["run_code", "edit_run", "finish_round", "read", "run", "note"];

describe("arguments", () => {
  test.for([
    ["strict JSON", JSON.stringify(ARGS), ""],
    ["spaces around", ` ${JSON.stringify(ARGS)}\n`, ""],
    ["encoded twice", JSON.stringify(JSON.stringify(ARGS)), "encoded twice"],
    ["a code fence", `\`\`\`json\n${JSON.stringify(ARGS)}\n\`\`\``, "code fence"],
    ["a trailing comma", `${JSON.stringify(ARGS).slice(0, -1)},}`, "loose JSON"],
    ["raw line breaks in a string", JSON.stringify(ARGS).replace("\\n", "\n"), "loose JSON"],
    ["sent twice", JSON.stringify(ARGS).repeat(2), "repeated object"],
  ] as const)("%s", ([, text, repair]) => {
    expect(readArguments(text)).toEqual({ arguments: ARGS, repair, ok: true });
  });

  test("Python's words become JSON's, outside strings only", () => {
    expect(readArguments('{"a": True, "b": None, "c": "None, True,]"}').arguments).toEqual({
      a: true,
      b: null,
      c: "None, True,]",
    });
  });

  test("no arguments at all are an empty object", () => {
    expect(readArguments("").arguments).toEqual({});
  });

  test.for(["[1, 2]", "3", "source: 1", '{"a": 1', '"text"', "{'a': 1}"])("%s stays what it is", (text) => {
    expect(readArguments(text)).toEqual({ arguments: text, repair: "", ok: false });
  });

  test("whatever is cut off is never completed", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (value, share) => {
          const text = JSON.stringify(value);
          const cut = text.slice(0, Math.floor(text.length * share));
          expect(readArguments(cut).ok).toBe(cut === "");
        },
      ),
    );
  });

  test("property: an object that was cut breaks off, and a whole one does not, whatever stands behind it", () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    fc.assert(
      fc.property(objects, fc.double({ min: 0, max: 1, noNaN: true }), fc.lorem(), (value, share, words) => {
        const whole = JSON.stringify(value);
        const cut = whole.slice(0, Math.floor(share * whole.length));
        expect(breaksOff(whole)).toBe(false);
        expect(breaksOff(`${whole}\n${words}`)).toBe(false);
        expect(breaksOff(cut)).toBe(cut !== "" && !cut.trim().endsWith("}"));
      }),
    );
  });

  test("strict JSON is never changed", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const { arguments: read, repair } = readArguments(JSON.stringify(value));
        expect(JSON.stringify(read)).toBe(JSON.stringify(value));
        expect(repair).toBe("");
      }),
    );
  });
});

describe("tool names", () => {
  test.for([
    ["run_code", "run_code"],
    ["runCode", "run_code"],
    ["functions.run_code:0", "run_code"],
    ["run-code", "run_code"],
    ["run_cdoe", "run_code"],
    ["finish_rond", "finish_round"],
    ["python", null],
    ["rum", null],
    ["", null],
  ] as const)("%s means %s", ([name, tool]) => {
    expect(closestName(name, TOOLS)).toBe(tool);
  });

  test("a name that could be two tools is neither", () => {
    expect(closestName("edit_runs", ["edit_run1", "edit_run2"])).toBeNull();
  });
});

const CALL = { tool: "run_code", arguments: { source: "1 < 2" } };
describe("over real HTTP, a repaired call is carried out and told", () => {
  const ROWS: readonly [string, ServedCall, StreamShape][] = [
    ["loose arguments", { tool: "run_code", arguments: '{"source": "1 < 2",}' }, {}],
    ["arguments encoded twice", { tool: "run_code", arguments: JSON.stringify('{"source": "1 < 2"}') }, {}],
    ["a misspelt tool", { tool: "run_cod", arguments: CALL.arguments }, {}],
  ];
  test.for(ROWS)("%s", async ([, call, shape]) => {
    await using b = await bench([{ type: "reply", reply: { calls: [call] }, shape }]);
    expect((await b.model.reply(ask(), running)).calls).toMatchObject([CALL]);
    expect(b.notices.filter(({ type }) => type === "repaired")).toHaveLength(1);
  });

  test("function_call of old", async () => {
    const reply = { calls: [{ ...CALL, id: "" }], finish: "function_call" };
    await using b = await bench([{ type: "reply", reply, shape: { legacy: true } }]);
    expect(await b.model.reply(ask(), running)).toMatchObject({ stop: "calls", calls: [CALL] });
  });

  test("what cannot be repaired reaches the tools as it is, to be answered with an error", async () => {
    const calls = [
      { tool: "shell", arguments: {} },
      { tool: "run_code", arguments: "source = 1" },
    ];
    await using b = await bench([{ type: "reply", reply: { calls } }]);
    const reply = await b.model.reply(ask(), running);
    expect(reply.calls).toMatchObject(calls);
    // And goes back as something that every server can parse.
    await b.model.reply(ask({ messages: [{ role: "assistant", text: "", calls: reply.calls }] }), running);
    expect(b.server.requests[1]?.body["messages"]).toMatchObject([
      { tool_calls: [{}, { function: { arguments: '{"invalid_arguments":"source = 1"}' } }] },
    ]);
  });

  test.for(["<think>hm</think>\n\nYes.", "hm, well\n</think>\nYes."])(
    "thinking left in the text: %j",
    async (text) => {
      await using b = await bench([{ type: "reply", reply: { text } }]);
      expect((await b.model.reply(ask(), running)).text).toBe("Yes.");
    },
  );
});
