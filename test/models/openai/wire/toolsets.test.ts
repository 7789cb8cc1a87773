// Our tools under other names: what a model is shown, and what its calls become.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message, ModelRequest, ToolCall } from "../../../../src/contracts/index.ts";
import { SAFE_DIALECT, type Dialect } from "../../../../src/models/catalogue/dialect.ts";
import { translateTools } from "../../../../src/models/openai/wire/toolsets.ts";
import { ask, bench, FINISH, RUN_CODE, running } from "../../helpers.ts";

const JUPYTER: Dialect = { ...SAFE_DIALECT, toolset: "jupyter-agent" };
const TOOLS = [
  { ...RUN_CODE, codeParameter: "source" },
  { ...FINISH, closesRound: true },
];
const CELL = "add_and_execute_jupyter_code_cell";

function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return ask({ tools: TOOLS, ...changes });
}

function said(...calls: readonly ToolCall[]): Message {
  return { role: "assistant", text: "", calls };
}

describe("the tools of jupyter-agent", () => {
  test("a cell and the end go over the wire under their names, and come back under ours", async () => {
    await using b = await bench(
      [
        {
          type: "reply",
          reply: { calls: [{ tool: CELL, arguments: { comment: "one is less", code: "x = 1" } }] },
        },
        {
          type: "reply",
          reply: { calls: [{ tool: "final_answer", arguments: { comment: "it is", answer: "x is 1" } }] },
        },
      ],
      { profile: { dialect: { toolset: "jupyter-agent" } } },
    );
    const { calls } = await b.model.reply(request(), running);
    expect(calls).toMatchObject([
      { tool: "run_code", arguments: { source: "x = 1", comment: "one is less" } },
    ]);
    const result: Message = {
      ...{ role: "tool", callId: calls[0]?.id ?? "", isError: false },
      content: [{ type: "text", text: "c1 ok 0.1s" }],
    };
    const close = await b.model.reply(
      request({
        messages: [...request().messages, said(...calls), result],
        toolChoice: { tool: "finish_round" },
      }),
      running,
    );
    expect(close.calls).toMatchObject([{ tool: "finish_round", arguments: { summary: "x is 1\n\nit is" } }]);
    const [first, second] = b.server.requests.map(({ body }) => body);
    const tools = JSON.parse(JSON.stringify(first?.["tools"])) as readonly {
      function: { name: string; parameters: object };
    }[];
    expect(tools.map((tool) => tool.function)).toMatchObject([
      { name: CELL, parameters: { required: ["comment", "code"] } },
      { name: "final_answer", parameters: { required: ["comment", "answer"] } },
    ]);
    expect(second?.["tool_choice"]).toEqual({ type: "function", function: { name: "final_answer" } });
    expect(JSON.stringify(second?.["messages"])).toContain(CELL);
    expect(JSON.stringify(second?.["messages"])).not.toContain("run_code");
  });

  test("a model of that name has them from the start", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "Hm." } }], {
      model: "jupyter-agent-qwen3-4b-instruct",
    });
    await b.model.reply(request(), running);
    expect(JSON.stringify(b.server.requests[0]?.body["tools"])).toContain(CELL);
  });

  test("a call with nothing in it stays one that our tool refuses in its own words", () => {
    const { toOwn } = translateTools(request(), JUPYTER);
    const empty = { id: "a", tool: CELL };
    expect(toOwn([{ ...empty, arguments: {} }])).toEqual([{ id: "a", tool: "run_code", arguments: {} }]);
    expect(toOwn([{ ...empty, arguments: "x = " }])).toEqual([
      { id: "a", tool: "run_code", arguments: "x = " },
    ]);
  });

  test("where no tool of ours takes code, or none closes a round, nothing is changed", () => {
    for (const tools of [[], [RUN_CODE, FINISH], TOOLS.slice(0, 1)]) {
      const one = request({ tools });
      expect(translateTools(one, JUPYTER).request).toBe(one);
    }
    expect(translateTools(request(), SAFE_DIALECT).request.tools).toBe(TOOLS);
  });

  test("property: there and back, a cell is the same", () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (source, comment) => {
        const call = {
          id: "a",
          tool: "run_code",
          arguments: { source, ...(comment !== undefined && { comment }) },
        };
        const { request: sent, toOwn } = translateTools(request({ messages: [said(call)] }), JUPYTER);
        const [message] = sent.messages;
        expect(message?.role === "assistant" && toOwn(message.calls)).toEqual([call]);
      }),
    );
  });
});
