import { describe, expect, test } from "vitest";
import { pricingFor } from "../../src/models/catalogue/pricing.ts";
import type { Message, ModelRequest, Renderer } from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { logStructured } from "../../renderers/index.ts";
import { bestOfN } from "../../strategies/index.ts";
import { tinyModel, tinyRun } from "../support/tiny-run.ts";

// The tiny run counts a token a character: this folds after a few rounds.
const renderer: Renderer = logStructured({ bounds: { least: 1500, most: 3000 }, openTokens: 200 });

function isBeginning(shorter: readonly Message[], longer: readonly Message[]): boolean {
  return JSON.stringify(longer.slice(0, shorter.length)) === JSON.stringify(shorter);
}

/** Without the names that the scripted model gives its calls, which count its requests. */
function bytesOf(request: ModelRequest): string {
  return JSON.stringify(request).replaceAll(/"call-\d+-\d+"/g, '"call"');
}

describe("a run with the log-structured renderer", () => {
  const options = { proposals: 5, rounds: 2, renderer, strategy: bestOfN() };

  test("each request of an episode goes on from the one before, across its rounds; a child from its parent's", async () => {
    const model = tinyModel();
    await tinyRun(memoryJournal(), { ...options, proposals: 4, parallel: 1, model });
    const requests: readonly ModelRequest[] = model.requests;
    const rest = requests.slice(1);
    const grown = rest.filter((one, i) => isBeginning(requests[i]?.messages ?? [], one.messages));
    const inherited = rest.filter((one) => one.messages.length > 4 && one.toolChoice === "none");
    expect(grown.length).toBeGreaterThan(rest.length / 2);
    expect(inherited.length).toBeGreaterThan(0);
    expect(new Set(requests.map(({ tools }) => JSON.stringify(tools))).size).toBe(1);
  });

  test("a crash after any event, resumed, asks for the same bytes", async () => {
    const whole = memoryJournal();
    const asked = tinyModel();
    await tinyRun(whole, { ...options, model: asked });
    const known = new Set(asked.requests.map(bytesOf));
    for (let events = 0; events < whole.events.length; events += 3) {
      const torn = memoryJournal();
      torn.failAfter(events);
      await expect(tinyRun(torn, options)).rejects.toThrow("simulated crash");
      torn.failAfter(Infinity);
      const model = tinyModel();
      await tinyRun(torn, { ...options, model });
      for (const request of model.requests) expect(known.has(bytesOf(request))).toBe(true);
    }
  });
});

describe("what a renderer knows of a model's prices", () => {
  test("shares of the provider's price, the smallest prompt that is cached, the window", () => {
    expect(pricingFor("gpt-5.6")).toEqual({
      cachedShare: 0.1,
      writeShare: 1.25,
      minimumTokens: 1024,
      windowTokens: 1_050_000,
    });
    expect(pricingFor("gpt-4o")).toMatchObject({ cachedShare: 0.5, writeShare: 1 });
    const claude = pricingFor("claude-sonnet-4-6");
    expect(claude.cachedShare).toBeCloseTo(0.1);
    expect(claude).toMatchObject({ writeShare: 1.25, minimumTokens: 4096 });
  });
  test("a usual cache for a model that is not known", () => {
    expect(pricingFor("a-model-of-ours")).toEqual({
      cachedShare: 0.1,
      writeShare: 1,
      minimumTokens: 0,
      windowTokens: null,
    });
  });
});
