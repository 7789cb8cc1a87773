// The same conversation in each protocol, as it goes over the wire: how tools, calls, results and demands are written.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SAFE_DIALECT, type Dialect } from "../../../../src/models/catalogue/dialect.ts";
import { applyProtocol } from "../../../../src/models/openai/wire/protocols.ts";
import type { Message, ModelRequest, ToolCall, ToolChoice } from "../../../../src/contracts/index.ts";
import { ask, bench, FINISH, RUN_CODE, running } from "../../helpers.ts";

const TOOLS = [
  { ...RUN_CODE, codeParameter: "source" },
  { ...FINISH, closesRound: true },
];
const FENCE: Dialect = { ...SAFE_DIALECT, tools: "fence" };

const says = (role: "system" | "user", text: string): Message => ({
  role,
  content: [{ type: "text", text }],
});
const call = (tool: string, args: ToolCall["arguments"]): ToolCall => ({ id: "1", tool, arguments: args });
const replies = (text: string, ...calls: readonly ToolCall[]): Message => ({
  role: "assistant",
  text,
  calls,
});
const answers = (text: string): Message => ({
  role: "tool",
  callId: "1",
  content: [{ type: "text", text }],
  isError: false,
});

const OPENING = [says("system", "Work."), says("user", "Begin.")];

function textsOf({ messages }: Pick<ModelRequest, "messages">): readonly string[] {
  return messages.map((message) =>
    message.role === "assistant"
      ? [message.text, ...message.calls.map(({ tool }) => `<${tool}>`)].join("")
      : message.content.map((part) => (part.type === "text" ? part.text : "[picture]")).join("\n"),
  );
}

function write(
  messages: readonly Message[],
  dialect: Dialect,
  toolChoice: ToolChoice = "auto",
): readonly string[] {
  return textsOf(applyProtocol(ask({ tools: TOOLS, messages, toolChoice }), dialect));
}

describe("the fence protocol", () => {
  const ASKS = "Write the next cell as one ```python block and nothing else.";

  test("says in one line what there is to know, and sends no tools", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "```python\nx = 1\n```" } }], {
      profile: { dialect: { tools: "fence" } },
    });
    const reply = await b.model.reply(ask({ tools: TOOLS }), running);
    expect(reply).toMatchObject({
      stop: "calls",
      calls: [{ tool: "run_code", arguments: { source: "x = 1" } }],
    });
    expect(b.notices.filter(({ type }) => type === "repaired")).toEqual([]);
    const body = b.server.requests[0]?.body;
    expect(body).not.toHaveProperty("tools");
    expect(body).not.toHaveProperty("tool_choice");
    const [system] = write(OPENING, FENCE);
    const manual = system?.replace("Work.\n", "") ?? "";
    expect(manual).toMatch(/^Write one .*```python block.*\.$/);
    expect(JSON.stringify(body?.["messages"])).not.toMatch(/run_code|finish_round/);
  });

  test("a turn is its block, a result is words", () => {
    const code = call("run_code", { source: "x = 1\nx" });
    expect(
      write(
        [
          ...OPENING,
          replies("I look.", code),
          answers("c3 ok 0.1s\n1"),
          replies("", code),
          answers("c4 error 0.2s\nNameError: y"),
        ],
        FENCE,
      ).slice(2),
    ).toEqual([
      "```python\nx = 1\nx\n```",
      `Output of c3:\n1\n${ASKS}`,
      "```python\nx = 1\nx\n```",
      `Output of c4 (error):\nNameError: y\n${ASKS}`,
    ]);
  });

  test("a cell without an output says so, and a refusal keeps its words", () => {
    const code = call("run_code", { source: "x = 1" });
    expect(write([...OPENING, replies("", code), answers("c3 ok 0.1s")], FENCE)[3]).toBe(
      `Output of c3:\n(nothing was printed)\n${ASKS}`,
    );
    expect(write([...OPENING, replies("", code), answers("The limit is reached.")], FENCE)[3]).toContain(
      "The limit is reached.",
    );
  });

  test("the closing word is offered once some cells have run: earlier, a small model says it at once", () => {
    const turn = [replies("", call("run_code", { source: "x" })), answers("c3 ok 0.1s\n1")];
    const written = write([...OPENING, ...turn, ...turn, ...turn], FENCE);
    expect(written.slice(0, 6).join("\n")).not.toContain("DONE");
    expect(written[7]).toMatch(
      /python block and nothing else, or only the word DONE when nothing can be better\.$/,
    );
  });

  test("calls from another protocol are short words, and closing is the word", () => {
    const messages = [
      ...OPENING,
      replies("", call("read", { id: "c1", what: "source" })),
      answers("x = 1"),
      replies("Good.", { ...call("finish_round", { summary: "s" }), id: "2" }),
    ];
    expect(write(messages, FENCE).slice(2, 5)).toEqual([
      "(I used read: id c1, what source)",
      `Output of read:\nx = 1\n${ASKS}`,
      "Good.\nDONE",
    ]);
  });

  test("code that has a fence in it is written in a longer one", () => {
    const source = 'print("```")';
    expect(write([...OPENING, replies("", call("run_code", { source }))], FENCE)[2]).toBe(
      `\`\`\`\`python\n${source}\n\`\`\`\``,
    );
  });

  test.for<readonly [ToolChoice, string]>([
    ["auto", ASKS],
    ["none", "Answer in words, without code."],
    [{ tool: "finish_round" }, "Write DONE."],
  ])("%j at the end: %s", ([choice, words]) => {
    expect(write(OPENING, FENCE, choice).at(-1)).toBe(`Begin.\n${words}`);
  });

  test("DONE closes the round with what the tool cannot do without", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "DONE" } }], {
      profile: { dialect: { tools: "fence" } },
    });
    const finish = {
      ...FINISH,
      closesRound: true,
      parameters: { ...FINISH.parameters, required: ["summary"] },
    };
    const reply = await b.model.reply(
      ask({
        tools: [RUN_CODE, finish].map((tool) => ({
          ...tool,
          ...(tool === RUN_CODE && { codeParameter: "source" }),
        })),
      }),
      running,
    );
    expect(reply.calls).toMatchObject([{ tool: "finish_round", arguments: { summary: "done" } }]);
  });

  test("without a tool that takes code, tools are described in words", () => {
    const request = ask({ tools: [FINISH], messages: OPENING });
    expect(textsOf(applyProtocol(request, FENCE))[0]).toContain("<tool_call>");
  });

  test("pictures go with their results", () => {
    const picture = { type: "image", mime: "image/png", base64: "AAAA" } as const;
    const shown: Message = {
      role: "tool",
      callId: "1",
      isError: false,
      content: [{ type: "text", text: "c3 ok 0.1s" }, picture],
    };
    expect(write([...OPENING, replies("", call("run_code", { source: "x" })), shown], FENCE)[3]).toContain(
      "[picture]",
    );
  });
});

describe("what answers a reply without calls ends with an imperative, in every place", () => {
  const silent = [
    ...OPENING,
    replies("I think."),
    says("user", "Nothing was run."),
    replies("Hm."),
    says("user", "Again."),
  ];

  test.for([
    ["native", "Call a tool, for example run_code with your next Python code as `source`."],
    [
      "text",
      "Call a tool with one <tool_call> block, for example run_code with your next Python code as `source`.",
    ],
    ["fence", "Write the next cell as one ```python block and nothing else."],
  ] as const)("%s", ([tools, words]) => {
    const written = write(silent, { ...SAFE_DIALECT, tools });
    expect(written[3]).toBe(`Nothing was run.\n${words}`);
    expect(written[5]).toBe(`Again.\n${words}`);
  });

  test("a longer conversation begins with the shorter one, but for its last message", () => {
    const message = fc.oneof(
      fc.constant([replies("I think."), says("user", "Nothing was run.")]),
      fc.constant([replies("", call("run_code", { source: "x" })), answers("c3 ok 0.1s\n1")]),
    );
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("native", "text", "fence"),
        (turns, tools) => {
          const dialect = { ...SAFE_DIALECT, tools } as const;
          const all = [...OPENING, ...turns.flat()];
          const whole = write(all, dialect);
          for (let length = 2; length < all.length; length += 2) {
            const part = write(all.slice(0, length), dialect);
            expect(whole.slice(0, length - 1)).toEqual(part.slice(0, -1));
            if (length > 2) expect(whole[length - 1]).toBe(part.at(-1));
          }
        },
      ),
    );
  });

  test("no imperative where there is nothing to call, and none beside a demand", () => {
    const bare = applyProtocol(ask({ tools: [], messages: silent }), SAFE_DIALECT);
    expect(textsOf(bare)[3]).toBe("Nothing was run.");
    expect(write(silent, FENCE, "none").at(-1)).toBe("Again.\nAnswer in words, without code.");
  });
});

describe("a choice that a request cannot make is made in words", () => {
  test.for<readonly [Dialect["toolChoice"], ToolChoice, string]>([
    ["named", { tool: "finish_round" }, "Begin."],
    ["auto", { tool: "finish_round" }, "Begin.\nCall the tool finish_round now, and only that."],
    ["omitted", { tool: "finish_round" }, "Begin.\nCall the tool finish_round now, and only that."],
    ["auto", "none", "Begin."],
    ["omitted", "none", "Begin.\nAnswer in words; call no tool now."],
  ])("%s, %j", ([toolChoice, choice, text]) => {
    expect(write(OPENING, { ...SAFE_DIALECT, toolChoice }, choice).at(-1)).toBe(text);
  });
});
