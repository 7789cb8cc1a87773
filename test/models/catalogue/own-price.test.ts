// The price that a user gives: in words, in code, and in what replies are said to cost.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { priceBook } from "../../../src/models/catalogue/own-price.ts";
import { modelFromSpec } from "../../../src/models/model-from-spec.ts";
import { isEndpointModel, openai } from "../../../src/models/openai/openai.ts";
import { modelServer } from "../../../src/testing/model-server.ts";
import { ask, bench, running } from "../helpers.ts";

const LOCAL = { baseURL: "http://127.0.0.1:9/v1", env: {} };

describe("--price", () => {
  test.for<readonly [string, object]>([
    ["in=0.25,out=2", { inputUsd: 0.25, outputUsd: 2 }],
    [" out=2 , in=.25,cached=0.025", { inputUsd: 0.25, outputUsd: 2, cachedUsd: 0.025 }],
    ["in=0,out=0", { inputUsd: 0, outputUsd: 0 }],
    ["m:in=1,out=2,written=3", { inputUsd: 1, outputUsd: 2, cacheWriteUsd: 3 }],
  ])("%s", ([text, price]) => {
    expect(priceBook([text]).priceFor("m")).toEqual(price);
  });

  test("names have colons and slashes themselves", () => {
    const book = priceBook(["qwen3:8b:in=1,out=2", "acme/m:in=3,out=4"]);
    expect(book.priceFor("qwen3:8b")).toEqual({ inputUsd: 1, outputUsd: 2 });
    expect(book.priceFor("acme/m")).toEqual({ inputUsd: 3, outputUsd: 4 });
    expect(book.priceFor("other")).toBeUndefined();
  });

  test.for([
    "",
    "0.25",
    "in=1",
    "out=1",
    "in=1,out=-2",
    "in=1,out=2,in=3",
    "in=1,out=1e3",
    "in=1,out=2,cashed=3",
    "in=1;out=2",
    "in=$1,out=2",
    "m:",
    "in=1,out=99999999",
  ])("%j is refused with the form", (text) => {
    expect(() => priceBook([text])).toThrow(
      `--price ${text}: write --price in=0.25,out=2,cached=0.025 (US dollars per million tokens; cached may be left out)`,
    );
  });

  test("whatever stands there is a price or a refusal, in linear time", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          priceBook([text]);
        } catch (error) {
          expect(String(error)).toContain("--price");
        }
      }),
    );
    expect(() => priceBook([`${"a:".repeat(100_000)}in=1`])).toThrow("write --price");
  });

  test.for<readonly [string, readonly string[], string]>([
    [
      "ensemble:a,b",
      ["in=1,out=2"],
      "--price in=1,out=2: it may be meant for a or b: name the model, as in --price a:in=1,out=2",
    ],
    [
      "bandit:alpha-model,b",
      ["alhpa-model:in=1,out=2"],
      'no model alhpa-model takes part; did you mean "alpha-model"?; there are alpha-model, b',
    ],
    ["m", ["n:in=1,out=2"], "no model n takes part; there is m"],
    ["m", ["in=1,out=2", "in=3,out=4"], "the model has a price already"],
    ["offline", ["in=1,out=2"], "no model with a server is named, and others cost nothing"],
  ])("%s with %j is refused", ([spec, prices, words]) => {
    expect(() => modelFromSpec(spec, { ...LOCAL, prices })).toThrow(words);
  });

  test("a price for each model of a team, and one for the same model twice", () => {
    expect(() =>
      modelFromSpec("ensemble:a=2,responses:b", { ...LOCAL, prices: ["a:in=1,out=2", "b:in=3,out=4"] }),
    ).not.toThrow();
    expect(() => modelFromSpec("bandit:a,offline", { ...LOCAL, prices: ["in=1,out=2"] })).not.toThrow();
    const one = modelFromSpec("openai:m", { ...LOCAL, prices: ["in=1,out=2"] });
    expect(isEndpointModel(one) && one.learnt.profile.price).toMatchObject({
      inputUsd: 1,
      cachedUsd: 1,
      outputUsd: 2,
    });
  });
});

describe("what replies cost", () => {
  const price = { inputUsd: 1, outputUsd: 10, cachedUsd: 0.1 };
  test("is counted with it, cached tokens apart", async () => {
    await using b = await bench([{ type: "reply", reply: { text: "fine" } }], { price });
    const { usage } = await b.model.reply(ask(), running);
    expect(usage.costUsd).toBeCloseTo((60 * 1 + 40 * 0.1 + 20 * 10) / 1e6, 12);
    await using dear = await bench([{ type: "reply", reply: { text: "fine" } }], {
      price: { inputUsd: 1, outputUsd: 10 },
    });
    expect((await dear.model.reply(ask(), running)).usage.costUsd).toBeCloseTo((100 + 200) / 1e6, 12);
  });

  test("is counted on estimated tokens where the server counts none, and is unknown without a price", async () => {
    const silent = { type: "reply", reply: { text: "fine", usage: null } } as const;
    await using b = await bench([silent], { price });
    expect((await b.model.reply(ask(), running)).usage.costUsd).toBeGreaterThan(0);
    await using c = await bench([silent]);
    expect((await c.model.reply(ask(), running)).usage.costUsd).toBeNull();
  });

  test("leaves what a renderer knows of the cache as it was, where it says nothing of it", async () => {
    await using s = await modelServer({ behaviour: [] });
    const model = (more: object) => openai({ model: "m", baseURL: s.baseURL, env: {}, ...more }).pricing;
    expect(model({ price: { inputUsd: 1, outputUsd: 2 } })).toEqual(model({}));
    expect(model({ price })?.cachedShare).toBeCloseTo(0.1);
  });

  test.for([
    { inputUsd: 1 },
    { inputUsd: -1, outputUsd: 2 },
    { inputUsd: 1, outputUsd: Number.NaN },
    { in: 1, out: 2 },
    3,
  ])("%j is no price", (wrong) => {
    expect(() => openai({ model: "m", ...LOCAL, price: wrong as never })).toThrow(/openai: .*price/);
  });
});
