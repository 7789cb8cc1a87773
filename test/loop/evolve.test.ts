import { describe, expect, test } from "vitest";
import type { Run } from "../../src/core/run/run.ts";
import { RunError } from "../../src/core/errors.ts";
import type { Strategy } from "../../src/contracts/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { bestOfN, tournament } from "../../strategies/index.ts";
import { tinyModel, tinyReply, tinyRun, type TinyOptions } from "../support/tiny-run.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

/** Everything that a user can see of a run, without what only a clock decides. */
function visible(run: Run) {
  return {
    best: run.best.id,
    told: run.told,
    failures: run.failures,
    population: JSON.parse(JSON.stringify(run.population)),
    branches: run.branches
      .valueSeq()
      .toArray()
      .toSorted((a, b) => a.number - b.number),
    usage: run.usage,
    stopped: run.stopped,
  };
}

async function whole(options: TinyOptions = {}): Promise<{ journal: MemoryJournal; run: Run }> {
  const journal = memoryJournal();
  return { journal, run: await tinyRun(journal, options) };
}

describe("evolve", () => {
  test("one seed gives one population, whatever the timing", async () => {
    const first = await whole({ proposals: 10, rounds: 2 });
    const second = await whole({ proposals: 10, rounds: 2 });
    expect(visible(second.run)).toEqual(visible(first.run));
    expect(first.run.told).toBe(10);
    expect(first.run.best.score.fitness).toBeGreaterThan(1);
    const other = await whole({ proposals: 10, rounds: 2, seed: 8 });
    expect(visible(other.run)).not.toEqual(visible(first.run));
  });

  test.each([
    ["tournament", () => tournament({ crossover: 0.5 })],
    ["best-of-n", () => bestOfN()],
  ])(
    "%s: a crash after any event, resumed, ends as a run without one; nothing is paid twice",
    async (_, strategy) => {
      const options = { proposals: 5, rounds: 2, strategy: strategy() as Strategy };
      const { journal, run } = await whole(options);
      for (let events = 0; events < journal.events.length; events++) {
        const torn = memoryJournal();
        torn.failAfter(events);
        const before = tinyModel();
        await expect(tinyRun(torn, { ...options, model: before })).rejects.toThrow("simulated crash");
        const paid = torn.events.filter(({ type }) => type === "turn-ended").length;
        torn.failAfter(Infinity);
        const after = tinyModel();
        const resumed = await tinyRun(torn, { ...options, model: after });
        expect(visible(resumed)).toEqual(visible(run));
        const turns = journal.events.filter(({ type }) => type === "turn-ended").length;
        expect(after.requests.length).toBe(turns - paid);
      }
    },
  );

  test("a finished run that is resumed with more proposals goes on", async () => {
    const { journal, run } = await whole({ proposals: 3 });
    expect(run.stopped).toBe("budget");
    const again = await tinyRun(journal, { proposals: 3 });
    expect(visible(again)).toEqual(visible(run));
    const events = journal.events.length;
    const more = await tinyRun(journal, { proposals: 5 });
    expect(more.told).toBe(5);
    expect(journal.events.length).toBeGreaterThan(events);
    expect(journal.events.filter(({ type }) => type === "run-stopped")).toHaveLength(2);
  });

  test("as-finished tells whoever is ready; its journal replays to the same population", async () => {
    const { journal, run } = await whole({ order: "as-finished", parallel: 4, proposals: 12 });
    const again = await tinyRun(journal, { order: "as-finished", parallel: 4, proposals: 12 });
    expect(visible(again)).toEqual(visible(run));
    expect(run.told).toBe(12);
  });

  test("stops at the target", async () => {
    const { run } = await whole({ budget: { proposals: 100, targetFitness: 8 }, parallel: 1 });
    expect(run.stopped).toBe("target");
    expect(run.best.score.fitness).toBeGreaterThanOrEqual(8);
    expect(run.proposals).toBeLessThan(100);
  });

  test("an abort rejects with its reason, keeps every event and is resumable to the same end", async () => {
    const options = { proposals: 6, rounds: 2 };
    const { run } = await whole(options);
    const stop = new AbortController();
    const journal = memoryJournal();
    let asked = 0;
    const model = scriptedModel((request) => {
      if (++asked === 9) stop.abort(new Error("enough"));
      return tinyReply(request);
    });
    await expect(tinyRun(journal, { ...options, model, signal: stop.signal })).rejects.toThrow("enough");
    expect(visible(await tinyRun(journal, options))).toEqual(visible(run));
  });

  test("every lease is given back", async () => {
    const kernels = fakeKernels();
    await whole({ kernels, proposals: 4 });
    expect(kernels.leases.length).toBe(5);
    expect(kernels.leases.every(({ disposed }) => disposed)).toBe(true);
  });
});

describe("a wrong strategy stops the run and is named", () => {
  const base = bestOfN();
  const wrong: readonly (readonly [string, Partial<Strategy>, RegExp])[] = [
    [
      "throws in ask",
      {
        ask: () => {
          throw new Error("no idea");
        },
      },
      /strategy "mine" threw in ask\(\): no idea .*evolve\.test\.ts/,
    ],
    [
      "throws in tell",
      {
        tell: () => {
          throw new Error("no idea");
        },
      },
      /strategy "mine" threw in tell\(\)/,
    ],
    [
      "unknown parent",
      { ask: () => ({ operator: "improve", parents: ["b99"], island: 0 }) },
      /unknown parent "b99"/,
    ],
    ["no parents", { ask: () => ({ operator: "improve", parents: [], island: 0 }) }, /without parents/],
    ["asynchronous", { ask: (() => Promise.resolve(null)) as never }, /promise/],
    [
      "bad operator",
      { ask: () => ({ operator: "mutate" as never, parents: ["b0"], island: 0 }) },
      /operator "mutate"/,
    ],
  ];
  test.each(wrong)("%s", async (_, part, message) => {
    const strategy = { ...base, name: "mine", ...part } as Strategy;
    const error: unknown = await whole({ strategy }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunError);
    expect((error as RunError).code).toBe("strategy-failed");
    expect((error as RunError).message).toMatch(message);
  });

  test("one that never wants anything ends the run as exhausted", async () => {
    const { run } = await whole({ strategy: { ...base, ask: () => null } });
    expect(run.stopped).toBe("exhausted");
  });
});
