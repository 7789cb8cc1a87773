// A reply that repeats itself is cut, over real HTTP; nothing that a program may have in it is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endsInRepetition, watchRepetition } from "../../../../src/models/openai/wire/repetition.ts";
import type { Behaviour } from "../../../../src/testing/model-server.ts";
import { ask, bench, RUN_CODE, running } from "../../helpers.ts";

/** Random words: what repeats itself in them does so by accident. */
const WORDS = Array.from({ length: 900 }, (_, at) => `w${(at * 7919) % 1009}`).join(" ");

describe("the end of a text", () => {
  test.for<readonly [string, string, boolean]>([
    ["nothing", "", false],
    ["words", WORDS, false],
    ["one character without end", "}".repeat(3_000), true],
    ["one line over and over, behind words", WORDS + "\nx = 1".repeat(500), true],
    [
      "a paragraph over and over, cut in its middle",
      "0123456789 ".repeat(50).slice(0, 540).repeat(9) + "01",
      true,
    ],
    ["numbers that go up", Array.from({ length: 900 }, (_, at) => at).join(", "), false],
    ["a table of zeros of 40 by 12", `${"[".padEnd(36, "0,")}]\n`.repeat(40), false],
    [
      "a line seven times",
      `${"a line of a program that is quite long ".repeat(8)}\n`.repeat(7).slice(0, 1_990),
      false,
    ],
    ["what stopped repeating itself", `${"x = 1\n".repeat(500)}print(x)\n`, false],
  ])("%s", ([, text, repeats]) => {
    expect(endsInRepetition(text)).toBe(repeats);
  });

  test("property: any part of up to 700 characters is seen, wherever it was cut", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 700 }), fc.nat(699), (part, cut) => {
        const text = part.repeat(Math.ceil(6_000 / part.length) + 1);
        return endsInRepetition(text.slice(0, text.length - (cut % part.length)));
      }),
    );
  });

  test("is looked at once in a thousand characters", () => {
    const repeats = watchRepetition();
    expect(repeats("a".repeat(1_999))).toBe(false);
    expect(repeats(`${"a".repeat(1_999)}b`)).toBe(false);
    expect(repeats("a".repeat(2_999))).toBe(false);
    expect(repeats("a".repeat(3_000))).toBe(true);
  });
});

describe("a reply that repeats itself", () => {
  const TOOLS = [{ ...RUN_CODE, codeParameter: "source" }];

  test("is cut, and the block that it began is not run", async () => {
    const text = `\`\`\`python\nx = 1\n${"x = x + 1\n".repeat(100_000)}`;
    await using b = await bench([{ type: "reply", reply: { text } }]);
    const reply = await b.model.reply(ask({ tools: TOOLS }), running);
    expect(reply).toMatchObject({ stop: "length", calls: [] });
    expect(reply.unread).toMatch(/was cut off because it repeated itself/);
    expect(reply.text.length).toBeLessThan(10_000);
    expect(b.notices.map(({ message }) => message)).toContain("a reply that repeated itself was cut");
    expect(b.server.requests).toHaveLength(1);
  });

  test("is cut in a call's arguments too", async () => {
    const source = "x = x + 1\n".repeat(100_000);
    await using b = await bench([
      { type: "reply", reply: { calls: [{ tool: "run_code", arguments: { source } }] } },
    ]);
    const reply = await b.model.reply(ask({ tools: TOOLS }), running);
    expect(reply).toMatchObject({ stop: "length", calls: [] });
    expect(reply.unread).toMatch(/^The call of run_code was cut off/);
  });

  test("of white space alone is asked for again, with another seed", async () => {
    await using b = await bench([
      { type: "reply", reply: { text: "\n".repeat(100_000) } },
      { type: "reply", reply: { text: "\n".repeat(100_000) } },
      { type: "reply", reply: { text: "```python\nx = 1\n```" } },
    ]);
    const { calls } = await b.model.reply(ask({ tools: TOOLS }), running);
    expect(calls).toMatchObject([{ arguments: { source: "x = 1" } }]);
    expect(new Set(b.server.requests.map(({ body }) => body["seed"])).size).toBe(2);
  });

  test.for(["reasoning_content", "reasoning"])(
    "in its thoughts, as %s: is asked for again",
    async (field) => {
      const piece = "Wait, I should check that again. ".repeat(50);
      const event = `data: ${JSON.stringify({ choices: [{ delta: { [field]: piece } }] })}\n\n`;
      const thinking: Behaviour = {
        type: "raw",
        headers: { "content-type": "text/event-stream" },
        body: event.repeat(1_000),
      };
      await using b = await bench([
        thinking,
        thinking,
        { type: "reply", reply: { text: "```python\nx = 1\n```" } },
      ]);
      const { calls } = await b.model.reply(ask({ tools: TOOLS }), running);
      expect(calls).toMatchObject([{ arguments: { source: "x = 1" } }]);
      expect(new Set(b.server.requests.map(({ body }) => body["seed"])).size).toBe(2);
    },
  );

  test("is whole where the server ended it", async () => {
    const source = "x = 1\n".repeat(320);
    await using b = await bench([
      { type: "reply", reply: { calls: [{ tool: "run_code", arguments: { source } }] } },
    ]);
    const { calls } = await b.model.reply(ask({ tools: TOOLS }), running);
    expect(calls).toMatchObject([{ arguments: { source } }]);
  });
});
