import { describe, expect, test } from "vitest";
import { ModelError, RunError } from "../../../src/core/errors.ts";
import { bandit } from "../../../src/models/wrappers/bandit.ts";
import { ensemble } from "../../../src/models/wrappers/ensemble.ts";
import { ModelFailure } from "../../../src/models/signals/failure.ts";
import { withRetry } from "../../../src/models/wrappers/retry.ts";
import { withBudget } from "../../../src/models/wrappers/with-budget.ts";
import type { LanguageModel } from "../../../src/contracts/index.ts";
import { describeLanguageModel } from "../../../src/testing/conformance/language-model.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { ask, running } from "../helpers.ts";

const saying = (name: string, text = name): LanguageModel => scriptedModel(() => ({ text }), { name });
const failing = (thrown: Error): LanguageModel =>
  scriptedModel(
    () => {
      throw thrown;
    },
    { name: "failing" },
  );
const usage = (tokens: number, costUsd: number | null = null) => ({
  inputTokens: tokens,
  cachedTokens: 0,
  outputTokens: 0,
  costUsd,
});

describe("withRetry", () => {
  test("asks again after what may pass, and tells it", async () => {
    const told: string[] = [];
    const model = scriptedModel((_, number) => {
      if (number < 2) throw new ModelFailure("busy", "later");
      return { text: "now" };
    });
    const patient = withRetry(model, { firstDelayMs: 1, onNotice: ({ message }) => told.push(message) });
    expect((await patient.reply(ask(), running)).text).toBe("now");
    expect(told).toHaveLength(2);
  });

  test("the waits are a function of the seed, twice as long each time, and never longer than allowed", async () => {
    const waits = async (seed: number): Promise<readonly number[]> => {
      const told: number[] = [];
      const model = withRetry(failing(new ModelFailure("busy", "later")), {
        firstDelayMs: 4,
        maxDelayMs: 16,
        maxRetries: 5,
        onNotice: ({ message }) => told.push(Number(/in (\d+) ms/.exec(message)?.[1])),
      });
      await expect(model.reply(ask({ seed }), running)).rejects.toThrow("6 attempts");
      return told;
    };
    const first = await waits(1);
    expect(await waits(1)).toEqual(first);
    expect([await waits(2), await waits(3)]).not.toEqual([first, first]);
    for (const [index, waited] of first.entries()) {
      const longest = Math.min(16, 4 * 2 ** index);
      expect(waited).toBeGreaterThanOrEqual(Math.floor(longest / 2));
      expect(waited).toBeLessThanOrEqual(longest);
    }
  });

  test("a second empty reply is asked for with another seed", async () => {
    const model = scriptedModel((_, number) => {
      if (number < 2) throw new ModelFailure("empty", "nothing");
      return { text: "something" };
    });
    await withRetry(model, { firstDelayMs: 1 }).reply(ask(), running);
    const seeds = model.requests.map(({ seed }) => seed);
    expect(seeds.slice(0, 2)).toEqual([7, 7]);
    expect(seeds[2]).not.toBe(7);
  });

  test.for([new RunError("model-refused", "no"), new ModelFailure("too-long", "no"), new Error("a bug")])(
    "%s passes through at once",
    async (thrown) => {
      await expect(withRetry(failing(thrown)).reply(ask(), running)).rejects.toBe(thrown);
    },
  );

  test("two around one another do not multiply", async () => {
    const model = scriptedModel(() => {
      throw new ModelFailure("busy", "later");
    });
    const options = { maxRetries: 2, firstDelayMs: 1 };
    await expect(withRetry(withRetry(model, options), options).reply(ask(), running)).rejects.toThrow(
      "3 attempts",
    );
    expect(model.requests).toHaveLength(3);
  });
});

describe("withBudget", () => {
  test("lets through what fits, counts it, and refuses before sending", async () => {
    const model = scriptedModel(() => ({ text: "x", usage: usage(400) }));
    const budgeted = withBudget(model, { tokens: 1_000 });
    await budgeted.reply(ask(), running);
    await budgeted.reply(ask(), running);
    await expect(budgeted.reply(ask(), running)).rejects.toMatchObject({ kind: "budget", outcome: "fail" });
    expect(model.requests).toHaveLength(2);
    expect(budgeted.spent.inputTokens).toBe(800);
  });

  test("eight at once do not break it together", async () => {
    const model = scriptedModel(() => ({ text: "x", usage: usage(0, 0.3) }));
    const budgeted = withBudget(model, { costUsd: 1 });
    await budgeted.reply(ask(), running);
    await Promise.allSettled(Array.from({ length: 8 }, () => budgeted.reply(ask(), running)));
    expect(budgeted.spent.costUsd).toBeLessThanOrEqual(1);
    expect(budgeted.spent.costUsd).toBeCloseTo(0.9);
  });

  test("a cost that is not known cannot be limited: the paid reply is given out, the next request stops the run", async () => {
    const budgeted = withBudget(saying("a"), { costUsd: 1 });
    expect((await budgeted.reply(ask(), running)).text).toBe("a");
    await expect(budgeted.reply(ask(), running)).rejects.toMatchObject({ code: "bad-option" });
  });
});

describe("ensemble", () => {
  const asked = async (model: LanguageModel, seeds: number): Promise<string> => {
    const replies = await Promise.all(
      Array.from({ length: seeds }, (_, seed) => model.reply(ask({ seed }), running)),
    );
    return replies.map(({ text }) => text).join("");
  };

  test("chooses by seed and weight", async () => {
    const model = ensemble([{ model: saying("a"), weight: 3 }, { model: saying("b") }]);
    const words = await asked(model, 400);
    expect(await asked(model, 400)).toBe(words);
    const share = words.replaceAll("b", "").length / 400;
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });

  test("goes on to the next when one has no reply; a refusal stops the run", async () => {
    const lame = ensemble([{ model: failing(new ModelError("no")) }, { model: saying("b") }]);
    expect(await asked(lame, 20)).toBe("b".repeat(20));
    const refused = ensemble([{ model: failing(new RunError("model-refused", "no")) }]);
    await expect(refused.reply(ask(), running)).rejects.toMatchObject({ code: "model-refused" });
  });

  test("needs members with weights above 0", () => {
    expect(() => ensemble([])).toThrow(RangeError);
    expect(() => ensemble([{ model: saying("a"), weight: 0 }])).toThrow(RangeError);
  });
});

test.for([
  [["full", "full"], "full"],
  [["full", "lean"], "lean"],
  [["lean", "lean"], "lean"],
  [[undefined, undefined], "full"],
  [[undefined, "lean"], "lean"],
] as const)("models that can handle %j can handle %s together", ([harnesses, together]) => {
  const models = harnesses.map((harness, at) => scriptedModel([], { name: `model ${at}`, harness }));
  expect(ensemble(models.map((model) => ({ model }))).harness).toBe(together);
  expect(bandit(models).harness).toBe(together);
  for (const model of models) {
    expect(withRetry(model).harness).toBe(model.harness);
    expect(withBudget(model, { tokens: 1 }).harness).toBe(model.harness);
  }
});

const calling = () =>
  scriptedModel(({ toolChoice }) =>
    toolChoice === "none" ? { text: "a plan" } : { calls: [{ id: "", tool: "run_code", arguments: {} }] },
  );

describeLanguageModel("scriptedModel", calling, { request: ask() });
describeLanguageModel("withRetry", () => withRetry(calling()), { request: ask() });
describeLanguageModel("withBudget", () => withBudget(calling(), { tokens: 1e6 }), { request: ask() });
describeLanguageModel("ensemble", () => ensemble([{ model: calling() }]), { request: ask() });
