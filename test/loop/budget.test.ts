// Limits in any combination: kept, by no more than one turn; what is paid for is never thrown away; extended at resume.
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Run } from "../../src/core/run/run.ts";
import { randomAt } from "../../src/core/random.ts";
import type { Budget } from "../../src/loop/budget.ts";
import { turnBudget } from "../../src/loop/budget.ts";
import type { RunEvent } from "../../src/contracts/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { bestOfN } from "../../strategies/index.ts";
import { tinyReply, tinyRun, type TinyOptions } from "../support/tiny-run.ts";

/** Each turn costs what the key says, between the two. */
function pricedModel(least: number, most: number, seed: number) {
  return scriptedModel((request, number) => {
    const costUsd = least + (most - least) * randomAt("price", seed, number).next();
    return { ...tinyReply(request), usage: { inputTokens: 100, cachedTokens: 0, outputTokens: 10, costUsd } };
  });
}

type Limits = Omit<Budget, "proposals" | "targetFitness"> & { readonly proposals?: number };

function limited(journal: MemoryJournal, limits: Limits, options: TinyOptions = {}): Promise<Run> {
  return tinyRun(journal, { ...options, budget: { proposals: 1000, targetFitness: null, ...limits } });
}

function turnsOf(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.type === "turn-ended" ? [event] : []));
}

/** Every turn belongs to a round that was closed, and judged. */
function expectNothingDiscarded({ events }: MemoryJournal): void {
  const closed = new Set(
    events.flatMap((event) => (event.type === "round-ended" ? [`${event.proposal} ${event.round}`] : [])),
  );
  for (const { proposal, round } of turnsOf(events)) expect(closed).toContain(`${proposal} ${round}`);
}

describe("a clock that is set while a run goes on", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([-3_600_000, 3_600_000])(
    "by %i ms neither ends its budget of seconds nor extends it",
    async (stepMs) => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const step = scriptedModel((request, number) => {
        if (number === 1) vi.setSystemTime(Date.now() + stepMs);
        return tinyReply(request);
      });
      const kept = await limited(memoryJournal(), { seconds: 600, proposals: 3 }, { model: step });
      expect(kept.proposals).toBe(3);
      const spent = await limited(memoryJournal(), { seconds: 0.05 }, { model: step });
      expect(spent.stopped).toBe("budget");
    },
  );
});

describe("budgets", () => {
  test("dollars of unknown price end at most one turn above the limit, and no finished turn is discarded", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0.02, max: 0.3, noNaN: true }),
        async (seed, parallel, price) => {
          const journal = memoryJournal();
          const spread = parallel === 1 ? 10 : 2; // beside each other, a turn may cost twice the dearest before
          const model = pricedModel(price / spread, price, seed);
          const run = await limited(
            journal,
            { costUsd: 1 },
            { model, parallel, order: "as-finished", rounds: 2 },
          );
          const dearest = Math.max(...turnsOf(journal.events).map(({ usage }) => usage.costUsd ?? 0));
          expect(run.usage.costUsd).toBeGreaterThanOrEqual(1);
          expect(run.usage.costUsd).toBeLessThan(1 + dearest + 1e-9);
          expect(run.stopped).toBe("budget");
          expect(run.open.size).toBe(0);
          expectNothingDiscarded(journal);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("so they do beside each other at any price that jumps, up to a tenth of the limit among the others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 4 }), async (seed, parallel) => {
        const journal = memoryJournal();
        const most = 0.1 / (parallel - 1);
        const model = pricedModel(most / 1000, most, seed);
        const run = await limited(journal, { costUsd: 1 }, { model, parallel, order: "as-finished" });
        const dearest = Math.max(...turnsOf(journal.events).map(({ usage }) => usage.costUsd ?? 0));
        expect(run.usage.costUsd).toBeGreaterThanOrEqual(1);
        expect(run.usage.costUsd).toBeLessThanOrEqual(1 + dearest + 1e-9);
        expectNothingDiscarded(journal);
      }),
      { numRuns: 12 },
    );
  });

  test("tokens too", async () => {
    const journal = memoryJournal();
    const run = await limited(journal, { tokens: 2000 }, { parallel: 3 });
    const used = run.usage.inputTokens + run.usage.outputTokens;
    expect(used).toBeGreaterThanOrEqual(2000);
    expect(used).toBeLessThanOrEqual(2000 + 110);
    expectNothingDiscarded(journal);
  });

  test("rounds are reserved when proposed: exact, whatever runs beside", async () => {
    for (const parallel of [1, 3]) {
      const journal = memoryJournal();
      const run = await limited(journal, { rounds: 11 }, { parallel, rounds: 2 });
      expect(run.rounds).toBe(11);
      expect(journal.events.filter(({ type }) => type === "round-ended")).toHaveLength(11);
      expect(run.told).toBe(6);
    }
  });

  test("cells, stagnation, seconds and proposals in one budget: the first to be reached ends the run", async () => {
    const cells = await limited(memoryJournal(), { cells: 9 }, { parallel: 1 });
    expect(cells.cells).toBeGreaterThanOrEqual(9);
    expect(cells.cells).toBeLessThan(9 + 3);
    const stuck = scriptedModel((request) => ({ ...tinyReply(request), calls: finish }));
    const stale = await limited(
      memoryJournal(),
      { stagnation: 4, tokens: 1e6, cells: 1e6 },
      { model: stuck, parallel: 1, strategy: bestOfN() },
    );
    expect([stale.told, stale.stopped]).toEqual([4, "budget"]);
    const journal = memoryJournal();
    const timed = await limited(journal, { seconds: 0.05 });
    expect(timed.stopped).toBe("budget");
    expect(timed.told).toBeLessThan(1000);
    expectNothingDiscarded(journal);
    expect((await limited(memoryJournal(), { proposals: 2, tokens: 1e6 })).told).toBe(2);
  });

  test("when the time is over no round begins, and those that have begun get a tenth more, at most a minute", async () => {
    const journal = memoryJournal();
    const run = await limited(journal, { proposals: 1 });
    const at = async (limit: number, seconds: number) => {
      const purse = turnBudget(
        () => run,
        { proposals: 1, targetFitness: null, seconds: limit },
        () => seconds,
      );
      return [purse.isOpen(), await purse.reserve(false), await purse.reserve(true)];
    };
    expect(await at(100, 99)).toEqual([true, true, true]);
    expect(await at(100, 109)).toEqual([false, false, true]);
    expect(await at(100, 110)).toEqual([false, false, false]);
    expect(await at(10_000, 10_059)).toEqual([false, false, true]);
    expect(await at(10_000, 10_060)).toEqual([false, false, false]);
  });

  test("a spent budget is extended at resume, and the run goes on as if it had been so from the start", async () => {
    const journal = memoryJournal();
    const first = await limited(journal, { rounds: 4 }, { parallel: 1 });
    expect(first.stopped).toBe("budget");
    const more = await limited(journal, { rounds: 9 }, { parallel: 1 });
    expect(more.rounds).toBe(9);
    const whole = await limited(memoryJournal(), { rounds: 9 }, { parallel: 1 });
    expect(more.branches.toJS()).toEqual(whole.branches.toJS());
  });

  test("dollars cannot be limited where the price is not known, and what is paid stays", async () => {
    const journal = memoryJournal();
    await expect(limited(journal, { costUsd: 1 }, { parallel: 1 })).rejects.toThrow(/price is not known/);
    expect(turnsOf(journal.events)).toHaveLength(1);
    const run = await limited(journal, { tokens: 500 }, { parallel: 1 });
    expect(run.stopped).toBe("budget");
    expectNothingDiscarded(journal);
  });
});

const finish = [
  { id: "a", tool: "run_code", arguments: { source: "x" } },
  { id: "b", tool: "finish_round", arguments: { summary: "nothing" } },
];
