// The question that servers are asked before a run begins, over real HTTP: what it sends, what each answer means, and which
// servers behind a model get it.
import { describe, expect, test, vi } from "vitest";
import { openai, type OpenAIOptions } from "../../src/models/openai/openai.ts";
import { answersText, askServersFirst } from "../../src/models/first-question.ts";
import { bandit } from "../../src/models/wrappers/bandit.ts";
import { ensemble } from "../../src/models/wrappers/ensemble.ts";
import { withBudget } from "../../src/models/wrappers/with-budget.ts";
import { withRetry } from "../../src/models/wrappers/retry.ts";
import { offline } from "../../src/models/offline/offline.ts";
import type { LanguageModel } from "../../src/contracts/index.ts";
import { modelServer, type Behaviour } from "../../src/testing/model-server.ts";
import { ask, running } from "./helpers.ts";

const YES: Behaviour = { type: "reply", reply: { text: "yes" } };
const says = (status: number, message: string, more: object = {}): Behaviour => ({
  type: "error",
  status,
  body: { error: { message, ...more } },
});
const at = (baseURL: string, options: Partial<OpenAIOptions> = {}) =>
  openai({ model: "served", baseURL, apiKey: "k", env: {}, firstDelayMs: 1, maxDelayMs: 2, ...options });
const server = (firstBehaviour: Behaviour | (() => Behaviour)) =>
  modelServer({ behaviour: [YES], firstBehaviour });
const first = async (model: LanguageModel) => {
  const lines: string[] = [];
  const answers = await askServersFirst(model, { ...running, say: (line) => lines.push(line) });
  return { answers, lines };
};

describe("the question", () => {
  test.for(["chat", "responses"] as const)("is small, by %s", async (api) => {
    await using s = await server(YES);
    const { answers } = await first(at(s.baseURL, { api, maxOutputTokens: 9_000 }));
    expect(answers).toEqual([
      { model: "served", baseURL: s.baseURL, tokens: 120, words: "", isPriced: false },
    ]);
    const body = s.questions[0]?.body ?? {};
    expect(body[api === "chat" ? "max_tokens" : "max_output_tokens"]).toBe(16);
    expect(JSON.stringify(body).length).toBeLessThan(500);
    expect(answersText(answers)).toBe("served answers; the question took 120 tokens, which are not counted");
  });

  test("is asked as a reasoning model wants it, and what it teaches leaves the run's requests as they were", async () => {
    await using s = await server(YES);
    const model = at(s.baseURL, { model: "gpt-5-mini" });
    await first(model);
    expect(s.questions[0]?.body).toMatchObject({ max_completion_tokens: 16 });
    const refuses = () => says(400, "Unsupported parameter: max_tokens", { param: "max_tokens" });
    await using strict = await server(refuses);
    const other = at(strict.baseURL);
    await first(other);
    await other.reply(ask(), running);
    expect(strict.requests[0]?.body).toMatchObject({ max_tokens: 4_096 });
  });

  test.for<readonly [string, Behaviour, string]>([
    [
      "thinks, and has no tokens left for words",
      { type: "reply", reply: { reasoning: "hm", finish: "length" } },
      "",
    ],
    ["says nothing", { type: "reply", reply: { text: "" } }, ""],
    [
      "refuses so few tokens",
      says(400, "Could not finish the message because max_tokens was reached"),
      "max_tokens was reached",
    ],
    ["refuses the words", says(400, "The response was filtered: content_filter"), "content_filter"],
    [
      "breaks off",
      { type: "reply", reply: { text: "a long yes" }, breaks: { how: "cut", afterBytes: 60 } },
      "broke off|terminated|closed|reset",
    ],
    [
      "is at its rate limit",
      { type: "error", status: 429, headers: { "retry-after": "20" } },
      "429: served status 429; it asks for 20 s",
    ],
  ])("is answered by a server that %s", async ([, behaviour, words]) => {
    await using s = await server(behaviour);
    const { answers } = await first(at(s.baseURL, { profile: { dialect: { maxTokens: ["max_tokens"] } } }));
    expect(answers).toHaveLength(1);
    expect(answers[0]?.words ?? "").toMatch(words === "" ? /^$/ : new RegExp(words));
    expect(answersText(answers)).toMatch(/^served answers/);
  });

  test("waits for a server that is only starting, with words, and for no longer than it must", async () => {
    let busy = 3;
    await using s = await server(() => (busy-- > 0 ? says(503, "Service Unavailable") : YES));
    const notices: string[] = [];
    const model = at(s.baseURL, { onNotice: ({ type, message }) => notices.push(`${type}: ${message}`) });
    await first(model);
    expect(notices.filter((line) => line.startsWith("retried: 503"))).toHaveLength(3);
    await using down = await server(says(503, "Service Unavailable"));
    await expect(first(at(down.baseURL, { maxRetries: 50 }))).rejects.toMatchObject({
      code: "model-unreachable",
      message: `no answer from ${down.baseURL}: served: given up after 6 attempts; the last one: 503: Service Unavailable (it is there, and fails: go on when it works again)`,
    });
    expect(down.questions).toHaveLength(6);
  });

  test("does not wait for a silent server longer than for a first byte, and asks it once", async () => {
    await using s = await server({ type: "hang" });
    await expect(first(at(s.baseURL, { firstByteTimeoutMs: 300 }))).rejects.toMatchObject({
      code: "model-unreachable",
      message: expect.stringMatching(/^no answer from .*: no first byte within 0\.3 s/),
    });
    expect(s.questions).toHaveLength(1);
  });

  test("says after some seconds what it waits for", async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const model = {
      ...at("http://127.0.0.1:9/v1"),
      tryOut: async () => (
        await held,
        { model: "served", baseURL: "", tokens: 1, words: "", isPriced: null }
      ),
    };
    vi.useFakeTimers();
    try {
      const asked = first(model);
      await vi.advanceTimersByTimeAsync(6_000);
      answer();
      expect((await asked).lines).toEqual([
        "waiting for the first answer of served; a server may be loading its model",
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("ends with the signal's reason", async () => {
    await using s = await server({ type: "hang" });
    const controller = new AbortController();
    const asked = askServersFirst(at(s.baseURL), { signal: controller.signal, say: () => undefined });
    controller.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("which servers get it", () => {
  test("none for a model without one", async () => {
    const own: LanguageModel = {
      name: "own",
      seesImages: false,
      reply: () => Promise.reject(new Error("asked")),
    };
    for (const model of [offline(), own, ensemble([{ model: offline() }, { model: own }])])
      expect((await first(model)).answers).toEqual([]);
  });

  test("each behind wrappers once, the same one in two places too", async () => {
    await using a = await server(YES);
    await using b = await server(YES);
    const team = ensemble([
      { model: withRetry(at(a.baseURL)) },
      { model: withBudget(at(a.baseURL), { tokens: 9 }), weight: 2 },
      { model: at(a.baseURL, { model: "another" }) },
      { model: bandit([at(b.baseURL), offline()]) },
    ]);
    const { answers } = await first(team);
    expect(answers.map(({ model, baseURL }) => [model, baseURL])).toEqual([
      ["served", a.baseURL],
      ["another", a.baseURL],
      ["served", b.baseURL],
    ]);
    expect([a.questions.length, b.questions.length]).toEqual([2, 1]);
    expect(answersText(answers)).toMatch(
      /^served answers, another answers, served answers; the question took 360 tokens/,
    );
  });

  test("all of an ensemble's or a bandit's must take the key and the name", async () => {
    await using good = await server(YES);
    await using bad = await server(says(401, "no such key"));
    for (const make of [teamOf, bandit]) {
      const asked = first(make([at(good.baseURL), at(bad.baseURL, { model: "other" })]));
      await expect(asked).rejects.toThrow("refuses the key given as apiKey: 401: no such key");
    }
  });

  test("one of several may be out of reach, all may not", async () => {
    await using good = await server(YES);
    const gone = await server(YES);
    await gone[Symbol.asyncDispose]();
    const lost = at(gone.baseURL, { model: "lost" });
    const { answers, lines } = await first(teamOf([at(good.baseURL), lost]));
    expect(answers.map(({ model }) => model)).toEqual(["served"]);
    expect(lines).toEqual([expect.stringMatching(/^no answer from .*; the run begins with the others$/)]);
    expect((await first(teamOf([offline(), lost]))).lines).toHaveLength(1);
    await expect(first(lost)).rejects.toMatchObject({ code: "model-unreachable" });
    await expect(first(bandit([lost, at(gone.baseURL, { model: "lost too" })]))).rejects.toThrow(
      /^none of 2 models can be reached: no answer/,
    );
  });
});

function teamOf(models: readonly LanguageModel[]): LanguageModel {
  return ensemble(models.map((model) => ({ model })));
}
