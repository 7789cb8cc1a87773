// Tools and renderers of a user's own that break their contract: the run stops with an error that names the part, what it
// did and where, and goes on once the part is mended.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KernelLost, ModelError, RunError } from "../../src/core/errors.ts";
import { placeOf } from "../../src/core/own-part.ts";
import { codeCell, markdownCell } from "../../src/core/notebook/notebook.ts";
import type {
  LanguageModel,
  ModelRequest,
  Prompt,
  Renderer,
  Tool,
  ToolResult,
} from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { plain } from "../../renderers/index.ts";
import { roundMessages } from "../support/round-messages.ts";
import { tinyRun } from "../support/tiny-run.ts";

/** Calls `mine` once a round, then ends it. */
const askingModel = () =>
  scriptedModel(({ toolChoice, messages }: ModelRequest) => {
    if (toolChoice === "none") return { text: "plan" };
    const asked = roundMessages(messages).some(({ role }) => role === "tool");
    const call = asked
      ? { tool: "finish_round", arguments: { summary: "done" } }
      : { tool: "mine", arguments: {} };
    return { calls: [{ id: "", ...call }] };
  });

const GOOD: ToolResult = { content: [{ type: "text", text: "fine" }], isError: false, edits: [] };
function toolOf(run: () => unknown): Tool {
  // What a user's file answers has no type that anybody checked.
  return {
    name: "mine",
    description: "A tool of a user's own.",
    parameters: { type: "object", properties: {} },
    run: async () => (await run()) as ToolResult,
  };
}

const mark = { role: "note", round: 0 } as const;
const circle: Record<string, unknown> = {};
circle["self"] = circle;
const WRONG_RESULTS: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /it: expected object, received undefined/],
  ["a text", "fine", /it: expected object, received string/],
  ["null", null, /it: expected object, received null/],
  ["no fields", {}, /`content`: .*; `isError`: .*; `edits`: /],
  ["no edits", { content: [], isError: false }, /`edits`: expected array, received undefined/],
  ["words as content", { ...GOOD, content: "fine" }, /`content`: expected array, received string/],
  [
    "a number as text",
    { ...GOOD, content: [{ type: "text", text: 3 }] },
    /`content\[0\]\.text`: expected string/,
  ],
  ["an unknown part", { ...GOOD, content: [{ type: "video" }] }, /`content\[0\]\.type`/],
  ["a picture of bytes", { ...GOOD, content: [{ type: "image", mime: "image/png", base64: 3 }] }, /base64/],
  ["an error that is a text", { ...GOOD, isError: "no" }, /`isError`: expected boolean, received string/],
  ["an unknown edit", { ...GOOD, edits: [{ type: "cell-moved", id: "c1" }] }, /`edits\[0\]\.type`/],
  [
    "a cell without a source",
    { ...GOOD, edits: [{ type: "cell-added", cell: { cell_type: "code", id: "c9" } }] },
    /source/,
  ],
  [
    "an edit of a cell that is not there",
    { ...GOOD, edits: [{ type: "cell-dropped", id: "c99" }] },
    /no cell c99/,
  ],
  [
    "a cell twice",
    { ...GOOD, edits: [{ type: "cell-added", cell: codeCell("c1", "", mark) }] },
    /cell c1 is there already/,
  ],
  [
    "a score that is NaN",
    { ...GOOD, score: { valid: true, fitness: NaN, metrics: {}, message: "" } },
    /`score\.fitness`/,
  ],
  [
    "what is no JSON",
    { ...GOOD, edits: [{ type: "cell-added", cell: { ...markdownCell("c9", "", mark), extra: circle } }] },
    /no JSON value: .*circular/,
  ],
];

function thrower(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

async function failureOf(run: Promise<unknown>): Promise<RunError> {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RunError);
  if (!(error instanceof RunError)) throw error;
  return error;
}

describe("a tool", () => {
  const run = (journal: ReturnType<typeof memoryJournal>, tool: Tool) =>
    tinyRun(journal, { tools: [tool], model: askingModel(), proposals: 2, parallel: 1 });

  test.each(WRONG_RESULTS)(
    "that gives %s stops the run, which goes on with a mended one",
    async (_, result, message) => {
      const journal = memoryJournal();
      const error = await failureOf(run(journal, { ...toolOf(() => result), place: "mine.js" }));
      expect(error.code).toBe("tool-failed");
      expect(error.message).toMatch(/^the tool "mine" gave .* \(mine\.js\)\. Mend the tool\.$/);
      expect(error.message).toMatch(message);
      const mended = await run(
        journal,
        toolOf(() => GOOD),
      );
      const whole = await run(
        memoryJournal(),
        toolOf(() => GOOD),
      );
      expect([...mended.branches.values()]).toEqual([...whole.branches.values()]);
    },
  );

  test.each<readonly [string, unknown, RegExp]>([
    [
      "an error",
      new TypeError("x is not iterable"),
      /threw: x is not iterable \(.*own-parts\.test\.ts:\d+:\d+\)\./,
    ],
    ["an error without words", new RangeError(), /threw: RangeError \(/],
    ["a text", "no disk", /threw: no disk\. Mend/],
    ["nothing", undefined, /threw: undefined\. Mend/],
    ["an object", { reason: "no disk" }, /threw: \{"reason":"no disk"\}\. Mend/],
    [
      "an object without a prototype",
      Object.assign(Object.create(null), { message: "bare" }),
      /threw: bare\. Mend/,
    ],
  ])("that throws %s stops the run with its words and its line", async (_, thrown, message) => {
    const error = await failureOf(run(memoryJournal(), toolOf(thrower(thrown))));
    expect(error).toMatchObject({ code: "tool-failed", cause: thrown });
    expect(error.message).toMatch(/^the tool "mine" threw/);
    expect(error.message).toMatch(message);
  });

  test("through which the kernel or the verifier fails is not at fault", async () => {
    const gone = new RunError("verifier-unavailable", "no judge");
    expect(await failureOf(run(memoryJournal(), toolOf(thrower(gone))))).toBe(gone);
    const lost = await run(memoryJournal(), toolOf(thrower(new KernelLost("gone"))));
    expect(lost.branches.size).toBe(1);
  });

  test("never brings down the run by what it says: any text and any picture reach a model, within bounds", async () => {
    const part = fc.oneof(
      fc.record({ type: fc.constant("text" as const), text: fc.string({ unit: "binary" }) }),
      fc.record({ type: fc.constant("image" as const), mime: fc.string(), base64: fc.base64String() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (content) => {
        const model = askingModel();
        await tinyRun(memoryJournal(), {
          tools: [toolOf(() => ({ ...GOOD, content }))],
          model,
          proposals: 1,
        });
        const sent = model.requests.flatMap(({ messages }) => messages).filter(({ role }) => role === "tool");
        expect(JSON.stringify(sent)).not.toMatch(/"type":"image"|\\ud[89a-f]/);
      }),
      { numRuns: 30 },
    );
    const model = askingModel();
    const content = [{ type: "text", text: "x".repeat(5_000_000) }];
    await tinyRun(memoryJournal(), { tools: [toolOf(() => ({ ...GOOD, content }))], model, proposals: 1 });
    expect(JSON.stringify(model.requests.at(-1)).length).toBeLessThan(1_100_000);
    expect(JSON.stringify(model.requests.at(-1))).toContain("characters were not kept");
  });
});

describe("a model", () => {
  const run = (journal: ReturnType<typeof memoryJournal>, reply: () => unknown) => {
    const model = { ...askingModel(), reply: reply as LanguageModel["reply"] };
    return tinyRun(journal, { model, proposals: 1, parallel: 1 });
  };
  const oops = new TypeError("x is not iterable");

  test.each<readonly [string, () => unknown, RegExp]>([
    ["rejects", async () => thrower(oops)(), /threw: x is not iterable \(.*own-parts\.test\.ts:\d+:\d+\)\./],
    ["throws at once", thrower(oops), /threw: x is not iterable \(.*own-parts\.test\.ts/],
    ["gives null", async () => null, /gave no reply: an object with text, calls and usage\./],
    ["gives a text", async () => "fine", /gave no reply/],
    ["gives no usage", async () => ({ text: "", calls: [] }), /gave no reply/],
  ])("that %s stops the run with its name and its line", async (_, reply, message) => {
    const error = await failureOf(run(memoryJournal(), reply));
    expect(error.code).toBe("model-failed");
    expect(error.message).toMatch(/^the model "[^"]+" .*\. Mend the model\.$/);
    expect(error.message).toMatch(message);
  });

  test("that says that it has no reply, or cannot be had, is not at fault", async () => {
    const refused = new RunError("model-refused", "no key");
    expect(await failureOf(run(memoryJournal(), thrower(refused)))).toBe(refused);
    expect((await run(memoryJournal(), thrower(new ModelError("empty")))).branches.size).toBe(1);
  });
});

describe("a renderer", () => {
  const renderer = plain();
  const prompt = (wrong: unknown): Partial<Renderer> => ({ prompt: () => wrong as Prompt });
  const message = { role: "user", content: [{ type: "text", text: "x" }] };
  test.each<readonly [string, Partial<Renderer>, RegExp]>([
    [
      "throws in open",
      { open: thrower(new Error("oops")) },
      /threw in open\(\): oops \(.*own-parts\.test\.ts/,
    ],
    ["throws in append", { append: thrower(new Error("oops")) }, /threw in append\(\): oops/],
    ["throws in prompt", { prompt: thrower(new Error("oops")) }, /threw in prompt\(\): oops/],
    ["forgets to return the first log", { open: () => undefined }, /open\(\) with a log .* no JSON value/],
    ["forgets to return a log", { append: () => undefined }, /append\(\) with a log .* no JSON value/],
    ["keeps a function", { open: () => () => 1 }, /open\(\) with a log/],
    ["keeps a circle", { open: () => circle }, /open\(\) with a log .*circular/],
    [
      "opens asynchronously",
      { open: async () => thrower(new Error("later"))() },
      /answered open\(\) with a promise/,
    ],
    ["prompts asynchronously", { prompt: (async () => null) as never }, /answered prompt\(\) with a promise/],
    ["gives no prompt", prompt(undefined), /no valid prompt: it: expected object, received undefined/],
    ["gives a text", prompt("words"), /no valid prompt: it: expected object/],
    ["gives no messages", prompt({ messages: [], breakpoints: [] }), /`messages`/],
    ["gives words as a message", prompt({ messages: ["words"], breakpoints: [] }), /`messages\[0\]`/],
    [
      "gives words as content",
      prompt({ messages: [{ role: "user", content: "x" }], breakpoints: [] }),
      /`messages\[0\]\.content`: expected array/,
    ],
    ["gives no breakpoints", prompt({ messages: [message] }), /`breakpoints`: expected array/],
    [
      "breaks where there is no message",
      prompt({ messages: [message], breakpoints: [1] }),
      /`breakpoints`: must be ascending indices/,
    ],
  ])("that %s stops the run, which goes on with a mended one", async (_, wrong, words) => {
    const journal = memoryJournal();
    const options = { proposals: 1, parallel: 1 };
    const mine = { ...renderer, name: "mine", place: "mine.js", ...wrong };
    const error = await failureOf(tinyRun(journal, { ...options, renderer: mine }));
    expect(error.code).toBe("renderer-failed");
    expect(error.message).toMatch(/^the renderer "mine" .* \(.*\)\. Mend the renderer\.$/);
    expect(error.message).toMatch(words);
    const mended = await tinyRun(journal, { ...options, renderer });
    expect(mended.best.score).toEqual((await tinyRun(memoryJournal(), options)).best.score);
  });
});

test.each([
  [
    "a module",
    "Error: x\n    at run (file:///project/my%20parts/mine.js:3:9)",
    "/project/my parts/mine.js:3:9",
  ],
  ["the top of a module", "Error: x\n    at file:///project/mine.js:3:9", "/project/mine.js:3:9"],
  ["an async function", "Error: x\n    at async Object.run (/project/mine.cjs:3:9)", "/project/mine.cjs:3:9"],
  [
    "code of Node's own below it",
    "Error: x\n    at JSON.parse (<anonymous>)\n    at node:fs:3:2\n    at /project/mine.js:3:9",
    "/project/mine.js:3:9",
  ],
  [
    "a package that it uses",
    "Error: x\n    at z (/project/node_modules/z/z.js:1:1)\n    at /project/mine.js:3:9",
    "/project/mine.js:3:9",
  ],
  [
    "nothing but a package",
    "Error: x\n    at z (/project/node_modules/z/z.js:1:1)",
    "/project/node_modules/z/z.js:1:1",
  ],
])("the place of an error is the user's line: %s", (_, stack, place) => {
  expect(placeOf(Object.assign(new Error("x"), { stack }))).toBe(place);
});
