// What a model is seen to do moves its protocol, over real HTTP: down where it calls no tools, up where it does.
import { describe, expect, test } from "vitest";
import type { Message, ModelRequest } from "../../../src/contracts/index.ts";
import { toProfileChanges } from "../../../src/models/catalogue/profile-text.ts";
import type { OpenAIOptions } from "../../../src/models/openai/openai.ts";
import type { Behaviour, ServedReply } from "../../../src/testing/model-server.ts";
import { ask, bench, FINISH, RUN_CODE, running } from "../helpers.ts";

const SEEN = { seesImages: false, cachedTokens: 0, isAble: false };
const TOOLS = [
  { ...RUN_CODE, codeParameter: "source" },
  { ...FINISH, closesRound: true },
];
const request = (changes: Partial<ModelRequest> = {}): ModelRequest => ask({ tools: TOOLS, ...changes });

const FENCE: ServedReply = { text: "```python\nx = 1\n```" };
const NATIVE: ServedReply = { calls: [{ tool: "run_code", arguments: { source: "x = 1" } }] };
const JSON_TEXT: ServedReply = {
  text: '```json\n{"name": "run_code", "arguments": {"source": "x = 1"}}\n```',
};
const TEMPLATE: ServedReply = {
  text: '<tool_call>{"name": "run_code", "arguments": {"source": "x = 1"}}</tool_call>',
};
const MISTRAL: ServedReply = { text: '[TOOL_CALLS]run_code[ARGS]{"source": "x = 1"}' };
const WORDS: ServedReply = { text: "I think." };

interface Played {
  /** The protocol after each reply. */
  readonly protocols: readonly string[];
  /** What its replies are held to after each. */
  readonly constraints: readonly string[];
  readonly adapted: readonly string[];
}

async function play(
  replies: readonly ServedReply[],
  options: Partial<OpenAIOptions> = {},
  changes: Partial<ModelRequest> = {},
): Promise<Played> {
  const behaviours = replies.map((reply): Behaviour => ({ type: "reply", reply }));
  await using b = await bench(behaviours, options);
  const protocols: string[] = [];
  const constraints: string[] = [];
  for (const _ of replies) {
    await b.model.reply(request(changes), running);
    protocols.push(b.model.learnt.dialect.tools);
    constraints.push(b.model.learnt.dialect.constraint);
  }
  const adapted = b.notices.filter(({ type }) => type === "adapted").map(({ message }) => message);
  return { protocols, constraints, adapted };
}

const IN_FENCE = { profile: { dialect: { tools: "fence" } } } as const;
const IN_TEXT = { profile: { dialect: { tools: "text" } } } as const;

describe("the ladder", () => {
  test.for<readonly [string, readonly ServedReply[], Partial<OpenAIOptions>, readonly string[]]>([
    ["code and no call: down to the fence", [FENCE], {}, ["fence"]],
    ["code after a native call: it stays", [NATIVE, FENCE, FENCE], {}, ["native", "native", "native"]],
    ["calls in the text twice: down to the text", [JSON_TEXT, JSON_TEXT], {}, ["native", "text"]],
    ["words in between count for nothing", [JSON_TEXT, WORDS, JSON_TEXT], {}, ["native", "native", "text"]],
    ["native calls: it stays", [NATIVE, JSON_TEXT, JSON_TEXT], {}, ["native", "native", "native"]],
    ["words alone: it stays", [WORDS, WORDS], {}, ["native", "native"]],
    ["a template's own form twice in a row: up", [TEMPLATE, TEMPLATE], IN_FENCE, ["fence", "native"]],
    ["not in a row: it stays", [TEMPLATE, FENCE, TEMPLATE], IN_FENCE, ["fence", "fence", "fence"]],
    [
      "the form that it was shown: it stays",
      [TEMPLATE, TEMPLATE, TEMPLATE],
      IN_TEXT,
      ["text", "text", "text"],
    ],
    ["another form than the one it was shown: up", [MISTRAL, MISTRAL], IN_TEXT, ["text", "native"]],
    [
      "up once, then down for good",
      [TEMPLATE, TEMPLATE, FENCE, TEMPLATE, TEMPLATE, TEMPLATE],
      IN_FENCE,
      ["fence", "native", "fence", "fence", "fence", "fence"],
    ],
  ])("%s", async ([, replies, options, protocols]) => {
    expect((await play(replies, options)).protocols).toEqual(protocols);
  });

  test("each step is told once, with its reason, and is in what the profile prints", async () => {
    await using b = await bench([{ type: "reply", reply: FENCE }]);
    const replies = await Promise.all([1, 2, 3, 4].map((seed) => b.model.reply(request({ seed }), running)));
    expect(replies.every(({ calls }) => calls.length === 1)).toBe(true);
    expect(b.notices.filter(({ type }) => type === "adapted").map(({ message }) => message)).toEqual([
      'it writes code and calls no tool: tools: "native" -> "fence"',
    ]);
    expect(toProfileChanges(b.model.learnt.profile, b.model.learnt, SEEN)).toMatchObject({
      dialect: { tools: "fence" },
    });
    await b.model.reply(request(), running);
    expect(b.server.requests.at(-1)?.body).not.toHaveProperty("tools");
  });

  test("an endpoint that takes no tools is not asked for them again", async () => {
    await using b = await bench(({ body }) =>
      "tools" in body
        ? { type: "error", status: 400, body: { error: { message: "this model does not support tools" } } }
        : { type: "reply", reply: MISTRAL },
    );
    for (let turn = 0; turn < 4; turn++) await b.model.reply(request(), running);
    expect(b.model.learnt.dialect.tools).toBe("text");
    expect(b.server.requests.filter(({ body }) => "tools" in body)).toHaveLength(1);
  });

  test("where no reply may act, nothing is seen", async () => {
    expect((await play([FENCE, JSON_TEXT, JSON_TEXT], {}, { toolChoice: "none" })).protocols).toEqual([
      "native",
      "native",
      "native",
    ]);
  });

  test("without a tool that takes code there is no fence to go to", async () => {
    expect((await play([FENCE], {}, { tools: [RUN_CODE, FINISH] })).protocols).toEqual(["native"]);
  });
});

describe("a grammar", () => {
  const DONE: ServedReply = { text: "DONE" };
  const IN_GRAMMAR = { profile: { dialect: { tools: "fence", constraint: "grammar" } } } as const;

  test.for<readonly [string, readonly ServedReply[], Partial<OpenAIOptions>, readonly string[]]>([
    [
      "words where a block was asked for: held to one",
      [FENCE, WORDS, FENCE],
      IN_FENCE,
      ["none", "grammar", "grammar"],
    ],
    [
      "a server that lets it talk all the same: free for good",
      [WORDS, WORDS, WORDS],
      IN_FENCE,
      ["grammar", "none", "none"],
    ],
    ["the word that closes is no fault", [DONE, DONE], IN_FENCE, ["none", "none"]],
    ["a reply that was cut is no fault", [{ ...WORDS, finish: "length" }], IN_FENCE, ["none"]],
    ["a model that thinks is not held", [{ ...WORDS, reasoning: "Hm." }], IN_FENCE, ["none"]],
    ["where calls are asked for there is none", [WORDS, WORDS], {}, ["none", "none"]],
    ["the profile may say so from the start", [FENCE], IN_GRAMMAR, ["grammar"]],
  ])("%s", async ([, replies, options, constraints]) => {
    expect((await play(replies, options)).constraints).toEqual(constraints);
  });

  test("says what a reply may be: a block; later also the closing word; on demand that word alone", async () => {
    await using b = await bench(() => ({ type: "reply", reply: FENCE }), IN_GRAMMAR);
    const grammarOf = async (changes: Partial<ModelRequest>): Promise<unknown> => {
      await b.model.reply(request(changes), running);
      return b.server.requests.at(-1)?.body["grammar"];
    };
    const block = '"```python\\n" line+ "```"\nline ::= ([^`\\n] [^\\n]*)? "\\n"';
    const { messages } = request();
    const turn = (id: string): readonly Message[] => [
      { role: "assistant", text: "", calls: [{ id, tool: "run_code", arguments: { source: "x = 1" } }] },
      { role: "tool", callId: id, isError: false, content: [{ type: "text", text: "c1 ok 0.1s" }] },
    ];
    expect(await grammarOf({})).toBe(`root ::= ${block}`);
    expect(await grammarOf({ messages: [...messages, ...["a", "b", "c"].flatMap(turn)] })).toBe(
      `root ::= "DONE" | ${block}`,
    );
    expect(await grammarOf({ toolChoice: { tool: "finish_round" } })).toBe('root ::= "DONE"');
    expect(await grammarOf({ toolChoice: "none" })).toBeUndefined();
    expect(await grammarOf({ tools: [] })).toBeUndefined();
  });

  test("an endpoint that refuses it is not sent one again", async () => {
    await using b = await bench(
      ({ body }) =>
        "grammar" in body
          ? {
              type: "error",
              status: 400,
              body: { error: { message: "Unrecognized request argument supplied: grammar" } },
            }
          : { type: "reply", reply: WORDS },
      IN_GRAMMAR,
    );
    for (let turn = 0; turn < 3; turn++) await b.model.reply(request(), running);
    expect(b.model.learnt.dialect.constraint).toBe("none");
    expect(b.server.requests.filter(({ body }) => "grammar" in body)).toHaveLength(1);
  });
});

describe("a tool that is demanded by its name", () => {
  const demand = { toolChoice: { tool: "finish_round" } } as const;
  const closes: ServedReply = { calls: [{ tool: "finish_round", arguments: {} }] };

  test("and is not called: the name is left out from then on, and words demand it", async () => {
    await using b = await bench([{ type: "reply", reply: WORDS }]);
    await b.model.reply(request(demand), running);
    expect(b.model.learnt.dialect.toolChoice).toBe("auto");
    await b.model.reply(request(demand), running);
    expect(b.server.requests[1]?.body["tool_choice"]).toBe("auto");
    expect(JSON.stringify(b.server.requests[1]?.body["messages"])).toContain(
      "Call the tool finish_round now",
    );
    expect(b.notices.filter(({ type }) => type === "adapted")).toHaveLength(1);
  });

  test.for<readonly [string, ServedReply]>([
    ["is called", closes],
    ["is called in the text", { text: '{"name": "finish_round", "arguments": {}}' }],
    ["was cut off at the output limit", { text: "I think", finish: "length" }],
    ["was filtered", { text: "", refusal: "no" }],
  ])("and %s: the name stays", async ([, reply]) => {
    await using b = await bench([{ type: "reply", reply }]);
    await b.model.reply(request(demand), running);
    expect(b.model.learnt.dialect.toolChoice).toBe("named");
  });
});
