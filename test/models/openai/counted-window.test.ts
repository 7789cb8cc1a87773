// A server that cuts prompts without a word is found out by what it counts of them; one that reads them whole never is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message, ModelRequest } from "../../../src/contracts/index.ts";
import { contentOf, textMessage } from "../../../src/core/conversation.ts";
import { tiktokenCounter } from "../../../src/models/catalogue/count-tokens.ts";
import type { AskContext } from "../../../src/models/openai/ask-chain.ts";
import { rememberWindow } from "../../../src/models/openai/window-memory.ts";
import type { ModelNoticeType } from "../../../src/models/signals/notice.ts";
import { ask, bench, running } from "../helpers.ts";

const countTokens = tiktokenCounter();
const tokensOf = (messages: readonly Message[]): readonly number[] =>
  messages.map((message) => countTokens(contentOf(message).text));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** A request of about so many tokens: a system message, and others of a few hundred tokens each. */
function requestOf(tokens: number, words = "one two three "): ModelRequest {
  const rest = Math.max(0, tokens - 300);
  const parts = Array.from({ length: Math.ceil(rest / 400) }, (_, at) => Math.min(400, rest - at * 400));
  const text = (size: number): string => words.repeat(Math.ceil(size / 3));
  return ask({
    messages: [
      textMessage("system", text(300)),
      ...parts.map((size, at) => textMessage("user", `${at} ${text(size)}`)),
    ],
  });
}

type Count = (messages: readonly Message[], before: readonly Message[]) => number;

/** A server that counts so, behind the memory of its window. */
function served(count: Count, stated: number | null = null) {
  const memory = rememberWindow(() => Promise.resolve(stated));
  const notices: string[] = [];
  const notify = (_type: ModelNoticeType, message: string): void => void notices.push(message);
  // Only these two are read by this step.
  const context = { signal: running.signal, notify } as unknown as AskContext;
  let before: readonly Message[] = [];
  const send = memory.keepWindow(({ messages }) => {
    const usage = { inputTokens: count(messages, before), cachedTokens: 0, outputTokens: 9, costUsd: null };
    before = messages;
    return Promise.resolve({ text: "fine", calls: [], usage, stop: "end" });
  });
  return { memory, notices, send: (request: ModelRequest) => send(request, context) };
}

const WINDOW = 2_048;
const CUTTERS: readonly (readonly [string, Count])[] = [
  ["at its window exactly", (messages) => Math.min(WINDOW, sum(tokensOf(messages)) + 20)],
  [
    "and counts in a denser tokenizer",
    (messages) => Math.min(WINDOW, Math.round(sum(tokensOf(messages)) * 1.3)),
  ],
  [
    "by whole messages, from the front",
    (messages) => {
      const [system = 0, ...rest] = tokensOf(messages);
      return rest.reduceRight((all, one) => (all + one > WINDOW ? all : all + one), system);
    },
  ],
  ["and leaves room for the reply", (messages) => Math.min(WINDOW - 512, sum(tokensOf(messages)))],
];

describe("a server that cuts prompts without a word", () => {
  test.for(CUTTERS)("%s, is found out in two turns, said once, and its window kept to", async ([, count]) => {
    for (const sizes of [
      [5_000, 5_500],
      [1_500, 4_500],
      [2_900, 3_800],
    ]) {
      const server = served(count);
      for (const size of sizes) await server.send(requestOf(size)).catch(() => undefined);
      expect(server.notices).toEqual([expect.stringContaining("cuts prompts without a word; from now on")]);
      const window = server.memory.tokens ?? 0;
      expect(window).toBeGreaterThan(WINDOW / 2);
      expect(window).toBeLessThanOrEqual(WINDOW);
      const refused = server.send(requestOf(4_000));
      await expect(refused).rejects.toMatchObject({ kind: "too-long", windowTokens: window });
      for (let turn = 0; turn < 5; turn++) await server.send(requestOf(600 + 100 * turn));
      expect(server.notices).toHaveLength(1);
      expect(server.memory.tokens).toBe(window);
    }
  });

  test("cuts at less than it states", async () => {
    const server = served((messages) => Math.min(WINDOW, sum(tokensOf(messages))), 32_768);
    await server.send(requestOf(6_000));
    expect(server.memory.tokens).toBe(WINDOW);
  });

  test("over HTTP the notice is the run's, and the next prompt is refused before it is sent", async () => {
    await using b = await bench(() => ({
      type: "reply",
      reply: { text: "fine", usage: { prompt_tokens: 1_024, completion_tokens: 3 } },
    }));
    expect((await b.model.reply(requestOf(4_000), running)).notices).toEqual({ adapted: 1 });
    await expect(b.model.reply(requestOf(4_000), running)).rejects.toMatchObject({ kind: "too-long" });
    expect(b.server.requests).toHaveLength(1);
    expect(b.notices.filter(({ type }) => type === "adapted")).toHaveLength(1);
    expect(b.model.learnt.windowTokens).toBe(1_024);
  });
});

describe("a server whose counts are not those of cut prompts", () => {
  test("that reads prompts whole has no window, whatever its tokenizer and the order of prompts", async () => {
    const sizes = fc.array(fc.integer({ min: 100, max: 9_000 }), { minLength: 1, maxLength: 6 });
    const words = fc.constantFrom("one two three ", "0.731, 2, ", "日本語の文です。", "x_1 = f(y)\n");
    await fc.assert(
      fc.asyncProperty(
        sizes,
        words,
        fc.double({ min: 0.7, max: 2.5, noNaN: true }),
        async (all, text, density) => {
          const server = served((messages) => Math.round(sum(tokensOf(messages)) * density) + 30);
          for (const size of all) await server.send(requestOf(size, text));
          expect(server.notices).toEqual([]);
          expect(server.memory.tokens).toBeNull();
        },
      ),
      { numRuns: 40 },
    );
  });

  test("that counts only what is not in its cache is not believed for long", async () => {
    const server = served((messages, before) => sum(tokensOf(messages.slice(before.length))));
    await server.send(requestOf(3_000));
    await server.send(requestOf(4_000));
    // What is folded to the window counts too little again: it was no window.
    await server.send(requestOf(2_400));
    await server.send(requestOf(2_600));
    expect(server.memory.tokens).toBeNull();
    for (const size of [6_000, 7_000, 8_000]) await server.send(requestOf(size));
    expect(server.memory.tokens).toBeNull();
    expect(server.notices).toHaveLength(2);
  });

  test.for([0, 1, 100])("that counts %s for anything is told of, and gives no window", async (counted) => {
    const server = served(() => counted);
    for (const size of [2_000, 3_000, 5_000]) await server.send(requestOf(size));
    expect(server.memory.tokens).toBeNull();
    expect(server.notices).toEqual([expect.stringContaining("or does not count them")]);
  });

  test("a short prompt is not judged", async () => {
    const server = served(() => 10);
    await server.send(requestOf(300));
    expect(server.notices).toEqual([]);
  });
});
