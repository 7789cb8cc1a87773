// The offline model as a pure function of its request, and what it remembers from one text to the next.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomAt } from "../../../src/core/random.ts";
import { offline } from "../../../src/models/index.ts";
import { PLAN_TITLE } from "../../../src/models/offline/conversation.ts";
import { readExplorations, readTallies, writeTallies } from "../../../src/models/offline/memory.ts";
import { chooseMoves, MOVES, type MoveTallies } from "../../../src/models/offline/portfolio.ts";
import type { Message, ModelRequest } from "../../../src/contracts/index.ts";
import { improve } from "../../../src/environment/tools/improve.ts";
import { notebookTools, specOf } from "../../../src/environment/tools/index.ts";

const never = new AbortController().signal;
const tools = notebookTools({ submission: "submission" }).map(specOf);
const request = (messages: readonly Message[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages,
  breakpoints: [],
  tools,
  toolChoice: "auto",
  seed: 5,
  ...more,
});
const text = (said: string) => [{ type: "text", text: said }] as const;
const user = (said: string): Message => ({ role: "user", content: text(said) });
const EXPLORED = "offline: move=kick seed=7 tries=40 start=2.08 end=2.6 helped=0,3 evals=9";

const explored: Message = {
  role: "assistant",
  text: "",
  calls: [
    {
      id: "x",
      tool: "run_code",
      arguments: { source: "print(search.explore(submission, search.kick, seed=7))" },
    },
  ],
};
const resultOf = (report: string): Message => ({
  role: "tool",
  callId: "x",
  content: text(`c9 ok 1.0s\n${report}`),
  isError: false,
});

/** Conversations of all kinds: its own words and calls, others', lost results, nonsense. */
const said = fc.oneof(
  fc.string(),
  fc.constantFrom(
    EXPLORED,
    "offline: move=rest seed=1 tries=2 start=x end=y helped=none",
    "offline: tally kick=9/2 swap=0/3",
    "offline: no problem declared",
    'c4 ok 0.1s\noffline: improve tries=500 valid=20 pace=2000 start=1 end=2 refused=4 {"ways":["CMA-ES"],"kept":"","reason":"x"}',
    "offline: improve tries=0 valid=0 pace=1 start=null end=null refused=0 {",
    "<!-- offline: pace=99999999999 -->",
    "offline search tools: class Search",
    `${PLAN_TITLE}\n1. swap: x\n2. kick: y`,
    "score: 2.5 strict=2.5",
    "c7 ok 0.1s",
    `c9 ok 1.0s\n${EXPLORED}`,
    "c9 error 0.1s\nNameError: name 'search' is not defined",
  ),
);
const call = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  tool: fc.constantFrom("run_code", "score", "finish_round", "improve", "nothing"),
  arguments: fc.oneof(
    fc.constantFrom(
      { source: "print(search.explore(submission, search.kick, seed=7))" },
      { seed: 1, tries: 500 },
      { summary: "done" },
    ),
    fc.string(),
    fc.constant(null),
  ),
});
const message: fc.Arbitrary<Message> = fc.oneof(
  said.map(user),
  fc.record({ role: fc.constant("assistant"), text: said, calls: fc.array(call, { maxLength: 3 }) }),
  fc.record({
    role: fc.constant("tool"),
    callId: fc.constantFrom("a", "b", "c"),
    content: said.map(text),
    isError: fc.boolean(),
  }),
);
const requests = fc
  .record({
    messages: fc.array(message, { maxLength: 12 }),
    seed: fc.nat(),
    toolChoice: fc.constantFrom("auto" as const, "none" as const, { tool: "finish_round" }),
    tools: fc.constantFrom(tools, [...tools, specOf(improve("submission"))]),
  })
  .map(({ messages, ...more }) => request(messages, more));

describe("the offline model", () => {
  test("gives the same reply to the same request, and the kind of reply that was asked for", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (asked) => {
        const reply = await offline().reply(asked, { signal: never });
        expect(await offline().reply(structuredClone(asked), { signal: never })).toEqual(reply);
        const { calls, usage, stop } = reply;
        expect(usage).toEqual({ inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 });
        expect(calls.length > 0).toBe(asked.toolChoice !== "none");
        expect(stop).toBe(calls.length > 0 ? "calls" : "end");
        expect(reply.text === "").toBe(calls.length > 0);
        if (typeof asked.toolChoice === "object")
          expect(calls.map(({ tool }) => tool)).toEqual(["finish_round"]);
        for (const { tool } of calls) expect(asked.tools.map(({ name }) => name)).toContain(tool);
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      }),
      { numRuns: 500 },
    );
  });

  test("draws other moves and seeds from another seed", async () => {
    const messages = [user("offline search tools: class Search")];
    const sources = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(
        async (seed) => (await offline().reply(request(messages, { seed }), { signal: never })).calls,
      ),
    );
    const moves = sources.map(([first]) => /search\.(\w+), seed=\d+/.exec(JSON.stringify(first))?.[0]);
    expect(new Set(moves).size).toBe(6);
  });

  test("explores as little as it is told to", async () => {
    const asked = request([user("offline search tools: class Search")]);
    const short = await offline({ tries: 3 }).reply(asked, { signal: never });
    expect(JSON.stringify(short.calls)).toMatch(/search\.\w+, seed=\d+, tries=3\)\)/);
  });

  test("does what its plan said", async () => {
    const messages = [user("offline search tools: class Search")];
    const plan = await offline().reply(request(messages, { toolChoice: "none", seed: 1 }), { signal: never });
    const first = /^1\. (\w+):/m.exec(plan.text)?.[1];
    for (const seed of [2, 3, 4, 5]) {
      const planned: Message = { role: "assistant", text: plan.text, calls: [] };
      const reply = await offline().reply(request([...messages, planned], { seed }), { signal: never });
      expect(JSON.stringify(reply.calls)).toContain(`search.${first}, seed=`);
    }
  });

  test("leaves out arguments that a tool does not take", async () => {
    const bare = tools.map((tool) =>
      tool.name === "finish_round" ? { ...tool, parameters: { properties: { summary: {} } } } : tool,
    );
    const closing = { toolChoice: { tool: "finish_round" } };
    const full = await offline().reply(request([explored, resultOf(EXPLORED)], closing), { signal: never });
    expect(full.calls[0]?.arguments).toMatchObject({ drop: ["c9"] });
    const less = await offline().reply(request([explored, resultOf(EXPLORED)], { ...closing, tools: bare }), {
      signal: never,
    });
    expect(Object.keys(less.calls[0]?.arguments ?? {})).toEqual(["summary"]);
  });

  test("names the problem's objective where it tells its values, for headings tell the score", async () => {
    const [tools, closing] = [
      user("offline search tools: class Search"),
      { toolChoice: { tool: "finish_round" } },
    ];
    const told = async (report: string, more: Partial<ModelRequest> = {}): Promise<string> => {
      const messages = [tools, explored, resultOf(report)];
      return JSON.stringify((await offline().reply(request(messages, more), { signal: never })).calls);
    };
    const idle = EXPLORED.replace("helped=0,3", "helped=none");
    expect(await told(EXPLORED)).toContain(
      "# 2 steps of 40 tries led the objective from 2.08000000 to 2.60000000; only",
    );
    expect(await told(EXPLORED, closing)).toContain(": 2 helped, objective 2.08000000 -> 2.60000000.");
    expect(await told(idle, closing)).toContain(": none helped, the objective stays 2.08000000.");
  });

  test("stops when it is told to, and takes no fewer than one exploration", async () => {
    await expect(
      offline().reply(request([]), { signal: AbortSignal.abort(new Error("enough")) }),
    ).rejects.toThrow("enough");
    expect(() => offline({ explorations: 0 })).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(() => offline({ tries: 1.5 })).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});

describe("its memory", () => {
  test("reads what explorations report, each once", () => {
    const exploration = { move: "kick", seed: 7, tries: 40, start: "2.08", end: "2.6", helped: [0, 3] };
    expect(readExplorations(`c8 ok 2.0s\n${EXPLORED}\nand again: ${EXPLORED}`)).toEqual([exploration]);
    expect(readExplorations("offline: move=juggle seed=7 tries=40 start=1 end=2 helped=1")).toEqual([]);
  });

  test("goes on from the last tally", () => {
    const text = `offline: tally kick=3/9\n${EXPLORED.replace("0,3", "none")}\noffline: tally kick=1/2 swap=0/1\n${EXPLORED}`;
    expect(readTallies(text)).toEqual({ kick: { helped: 2, explored: 3 }, swap: { helped: 0, explored: 1 } });
    expect(readTallies(writeTallies(readTallies(text)))).toEqual(readTallies(text));
    expect(writeTallies({})).toBe("");
  });

  test("makes what helped more likely, and leaves nothing out", () => {
    const tallies = { kick: { helped: 8, explored: 10 }, jitter: { helped: 0, explored: 10 } };
    const first = Array.from({ length: 500 }, (_, k) => chooseMoves(tallies, 1, randomAt(k))[0]);
    const count = (name: string): number => first.filter((move) => move === name).length;
    expect(count("kick")).toBeGreaterThan(150);
    expect(count("jitter")).toBeLessThan(40);
    const named = readTallies(`offline: problem variables=9 value=1.0 moves=${Object.keys(MOVES).join(",")}`);
    const chosen = (tallies: MoveTallies) =>
      new Set(Array.from({ length: 300 }, (_, k) => chooseMoves(tallies, 1, randomAt(k))[0]));
    expect(chosen(named)).toEqual(new Set(Object.keys(MOVES)));
    expect(chosen({})).not.toContain("refine"); // a move that the tools did not name is not there
  });
});
