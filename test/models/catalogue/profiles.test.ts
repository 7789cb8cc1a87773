import { describe, expect, test } from "vitest";
import { priceOf } from "../../../src/models/catalogue/prices.ts";
import { readProfileChanges } from "../../../src/models/catalogue/profile-text.ts";
import { profileOf } from "../../../src/models/catalogue/profiles.ts";
import { openai } from "../../../src/models/openai/openai.ts";
import { readUsage } from "../../../src/models/openai/wire/reported-usage.ts";
import { ask, bench, running } from "../helpers.ts";

const OPENAI = "https://api.openai.com/v1";

describe("profiles", () => {
  test("a reasoning model is not sent what it refuses", () => {
    const { dialect, contextTokens } = profileOf("gpt-5-mini", OPENAI);
    expect(dialect.temperature).toBe(false);
    expect(dialect.maxTokens).toEqual(["max_completion_tokens"]);
    expect(contextTokens).toBe(272_000);
  });

  test("explicit breakpoints only where the provider takes them", () => {
    expect(profileOf("gpt-5.6", OPENAI).dialect.breakpoints).toBe("openai");
    expect(profileOf("gpt-5.1", OPENAI).dialect.breakpoints).toBe("none");
    expect(profileOf("anthropic/claude-sonnet-5", "https://openrouter.ai/api/v1").dialect.breakpoints).toBe(
      "anthropic",
    );
    expect(profileOf("claude-sonnet-5", "https://api.anthropic.com/v1").dialect.breakpoints).toBe("none");
  });

  test("an unknown model gets safe defaults and one notice", () => {
    const said: string[] = [];
    const profile = profileOf("my-finetune", "http://localhost:8000/v1", (message) => said.push(message));
    expect(said).toHaveLength(1);
    expect(profile).toMatchObject({ seesImages: false, contextTokens: null, price: null });
  });

  test.for([
    ["gpt-5-mini", "full"],
    ["claude-sonnet-5", "full"],
    ["gemini-2.5-flash", "full"],
    ["deepseek-chat", "full"],
    ["gpt-oss:120b", "full"],
    ["openai/gpt-oss-20b", "lean"],
    ["qwen3:8b", "lean"],
    ["meta-llama/Llama-3.2-3B-Instruct", "lean"],
    ["my-finetune", "lean"],
  ] as const)("%s is given the %s harness; a profile says otherwise", ([name, harness]) => {
    expect(profileOf(name, OPENAI).harness).toBe(harness);
    const other = harness === "full" ? "lean" : "full";
    const profile = readProfileChanges(JSON.stringify({ harness: other }));
    expect(openai({ model: name, baseURL: "http://localhost:1/v1", profile }).harness).toBe(other);
  });

  test.for([
    ["gpt-5-mini", {}, undefined],
    ["gpt-4o", {}, undefined],
    ["my-finetune", {}, 4_096],
    ["my-finetune", { contextTokens: 100_000 }, 4_096],
    ["my-finetune", { contextTokens: 6_000 }, 1_500],
    ["my-finetune", { contextTokens: 6_000, maxOutputTokens: 3_000 }, 3_000],
    ["my-finetune", { maxOutputTokens: null }, undefined],
    ["qwen3:8b", {}, 8_192],
    ["gpt-oss-20b", {}, 16_384],
  ] as const)("%s with %j: %s tokens of output are asked for", async ([model, profile, limit]) => {
    await using b = await bench([{ type: "reply", reply: { text: "fine" } }], { model, profile });
    await b.model.reply(ask(), running);
    const { max_tokens, max_completion_tokens, temperature } = b.server.requests[0]?.body ?? {};
    expect(max_tokens ?? max_completion_tokens).toBe(limit);
    expect(temperature).toBeUndefined();
  });

  test("what is said in code goes before the profile, and the profile before what is built in", async () => {
    const profile = { temperature: 0, maxOutputTokens: 100 };
    await using b = await bench([{ type: "reply", reply: { text: "fine" } }], { profile, temperature: 0.5 });
    await b.model.reply(ask(), running);
    expect(b.server.requests[0]?.body).toMatchObject({ temperature: 0.5, max_tokens: 100 });
  });

  test("there is no third harness", () => {
    expect(() => readProfileChanges('{"harness":"slim"}')).toThrow('harness must be "full" or "lean"');
  });
});

describe("prices", () => {
  test("carry a date and a source, snapshots included", () => {
    const price = priceOf("gpt-5.4-2026-03-05", OPENAI);
    expect(price).toMatchObject({ inputUsd: 2.5, outputUsd: 15 });
    expect(price?.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(price?.source).toContain("price");
  });

  test("the same name behind a proxy has no price, nor has a relative of a known one", () => {
    expect(priceOf("gpt-5", "http://localhost:4000/v1")).toBeNull();
    expect(priceOf("gpt-5-turbo-x", OPENAI)).toBeNull();
  });
});

describe("cost", () => {
  const price = priceOf("gpt-5.6", OPENAI);

  test("cached, written and plain input are counted apart", () => {
    const usage = readUsage(
      {
        prompt_tokens: 10_000,
        completion_tokens: 1_000,
        prompt_tokens_details: { cached_tokens: 6_000, cache_write_tokens: 3_000 },
      },
      price,
    );
    expect(usage?.costUsd).toBeCloseTo((1_000 * 5 + 6_000 * 0.5 + 3_000 * 6.25 + 1_000 * 30) / 1e6, 12);
    expect(usage).toMatchObject({ inputTokens: 10_000, cachedTokens: 6_000, outputTokens: 1_000 });
  });

  test("a long prompt costs its own price", () => {
    const usage = readUsage({ prompt_tokens: 300_000, completion_tokens: 1_000 }, price);
    expect(usage?.costUsd).toBeCloseTo((300_000 * 10 + 1_000 * 45) / 1e6, 12);
  });

  test.for([
    [{ input_tokens: 9, output_tokens: 2, input_tokens_details: { cached_tokens: 4 } }, 4],
    [{ prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 5 }, 5],
    [{ prompt_tokens: 9, completion_tokens: 2, cache_read_input_tokens: 50 }, 9],
  ] as const)("other spellings of the usage: %j", ([wire, cachedTokens]) => {
    expect(readUsage(wire, null)).toEqual({
      inputTokens: 9,
      cachedTokens,
      outputTokens: 2,
      costUsd: null,
    });
  });

  test("a bill that the server sends is believed; without price and bill the cost is unknown", () => {
    expect(readUsage({ prompt_tokens: 1, completion_tokens: 1, cost: 0.25 }, null)?.costUsd).toBe(0.25);
    expect(readUsage({ prompt_tokens: 1, completion_tokens: 1 }, null)?.costUsd).toBeNull();
    expect(readUsage({ prompt_tokens: -1 }, price)).toBeNull();
  });
});
