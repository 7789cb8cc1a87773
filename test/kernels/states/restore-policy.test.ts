import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepTimes } from "../../../src/kernels/states/state-memory.ts";
import { sortByCost, wholeMs, type Offer } from "../../../src/kernels/states/restore-policy.ts";
import { step } from "../real-kernels.ts";

const times = fc.array(fc.option(fc.integer({ min: 0, max: 100_000 })), { maxLength: 8 });
const offer = fc.record({
  tier: fc.constantFrom("reuse" as const, "fork" as const, "thaw" as const, "fresh" as const),
  holds: fc.integer({ min: 0, max: 8 }),
  costMs: fc.integer({ min: 0, max: 100_000 }),
});
const offers = fc.array(offer, { minLength: 1, maxLength: 6 });
const cheapest = (all: readonly Offer[], stepMs: readonly (number | null)[]): Offer | undefined =>
  sortByCost(all, stepMs)[0];

describe("the offer that is taken", () => {
  it("is one of those that exist, and none is cheaper", () => {
    fc.assert(
      fc.property(offers, times, (all, stepMs) => {
        const chosen = cheapest(all, stepMs);
        if (chosen === undefined) throw new Error("nothing was chosen");
        expect(all).toContain(chosen);
        for (const other of all)
          expect(wholeMs(other, stepMs)).toBeGreaterThanOrEqual(wholeMs(chosen, stepMs));
      }),
    );
    expect(sortByCost([], [])).toEqual([]);
  });

  it("does not depend on the order in which they are offered", () => {
    fc.assert(
      fc.property(offers, times, fc.nat(), (all, stepMs, shift) => {
        const by = shift % all.length;
        const turned = [...all.slice(by), ...all.slice(0, by)];
        expect(cheapest(turned, stepMs)).toEqual(cheapest(all, stepMs));
      }),
    );
  });

  it("is left only for a cheaper one: what became dearer is not chosen instead", () => {
    fc.assert(
      fc.property(offers, times, fc.integer({ min: 1, max: 1000 }), (all, stepMs, more) => {
        const chosen = cheapest(all, stepMs);
        const dearer = all.map((one) => (one === chosen ? one : { ...one, costMs: one.costMs + more }));
        expect(cheapest(dearer, stepMs)).toEqual(chosen);
      }),
    );
  });

  it("is the thawed state where the nearest fork has an hour to go, and the fork where it has a second", () => {
    const fork: Offer = { tier: "fork", holds: 1, costMs: 60 };
    const thaw: Offer = { tier: "thaw", holds: 3, costMs: 4_000 };
    const fresh: Offer = { tier: "fresh", holds: 0, costMs: 500 };
    expect(cheapest([fork, thaw, fresh], [10, 3_600_000, 10])).toBe(thaw);
    expect(cheapest([fork, thaw, fresh], [3_600_000, 500, 500])).toBe(fork);
    expect(cheapest([thaw, fresh], [10, 10, 10])).toBe(fresh);
    expect(cheapest([fork, thaw, fresh], [null, null, null])).toBe(fork);
  });
});

it("the time of a step is that of its last run after the same steps", () => {
  const known = stepTimes();
  const [a, b] = [step("a"), step("b")];
  known.learn([
    { ...a, durationMs: 5 },
    { ...b, durationMs: 7 },
  ]);
  known.learn([{ ...a, durationMs: 6 }, b]);
  expect(known.of([a, b])).toEqual([6, 7]);
  expect(known.of([b, a])).toEqual([null, null]);
  expect(known.of([a, { ...b, status: "error" }])).toEqual([6, null]);
});
