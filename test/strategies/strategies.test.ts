import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestFirst } from "../../src/core/run/branch.ts";
import { describeStrategy, simulate } from "../../src/testing/conformance/strategy.ts";
import {
  adaptive,
  bestOfN,
  frontier,
  islands,
  mapElites,
  muPlusLambda,
  novelty,
  pareto,
  puct,
  successiveHalving,
  tournament,
  treeSearch,
} from "../../strategies/index.ts";

const square = [
  { metric: "a", min: 0, max: 1, bins: 3 },
  { metric: "b", min: 0.25, max: 0.75, bins: 2 },
];

describeStrategy(() => bestOfN());
describeStrategy(() => muPlusLambda());
describeStrategy(() => muPlusLambda({ mu: 2, lambda: 1, crossover: 1 }));
describeStrategy(() => mapElites({ axes: square, crossover: 0.5, inspirations: 3 }));
describeStrategy(() => mapElites({ axes: square, centroids: 7 }));
describeStrategy(() => mapElites({ adaptive: true }));
describeStrategy(() => mapElites({ axes: square, learningRate: 0.3, thresholdMin: 5 }));
describeStrategy(() => islands({ of: tournament(), count: 3, interval: 3, reset: 7, stagnation: 5 }));
describeStrategy(() =>
  islands({ of: islands({ of: bestOfN(), count: 2, interval: 2 }), migration: "random" }),
);
describeStrategy(() => pareto({ capacity: 4 }));
describeStrategy(() => frontier());
describeStrategy(() => novelty({ axes: square, capacity: 5 }));
describeStrategy(() => treeSearch({ drafts: 2, debug: 0.7 }));
describeStrategy(() => puct());
describeStrategy(() => successiveHalving({ eta: 2, window: 8 }));
describeStrategy(() => adaptive({ of: [tournament(), islands({ of: treeSearch() }), puct()], plateau: 4 }));
describeStrategy(() => tournament());
describeStrategy(() => tournament({ size: 2, capacity: 3, elitism: 2, crossover: 0.7 }));

test("best of n starts every proposal from the founder", () => {
  const { proposals } = simulate(bestOfN(), [1, 5, null, 2]);
  expect(proposals.map(({ operator, parents }) => [operator, ...parents])).toEqual(
    Array.from({ length: 4 }, () => ["draft", "b0"]),
  );
});

describe("tournament", () => {
  const fates = fc.array(fc.double({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 40 });

  test("the elites are the best of all that ever lived; the rest are the youngest", () => {
    fc.assert(
      fc.property(
        fates,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 3 }),
        (list, capacity, wanted) => {
          const elitism = Math.min(capacity, wanted);
          const { population, branches } = simulate(tournament({ capacity, elitism }), list);
          const elites = branches.toSorted(bestFirst).slice(0, elitism);
          const young = branches
            .filter((branch) => !elites.includes(branch))
            .slice(-(capacity - elites.length) || branches.length);
          const living = capacity === elites.length ? elites : [...elites, ...young];
          expect(new Set(population.branches)).toEqual(new Set(living));
        },
      ),
    );
  });

  test("one of size as large as it likes picks the best of the living", () => {
    const { proposals, branches } = simulate(tournament({ size: 200, crossover: 0 }), [3, 1, 2, 9, 4, 5]);
    for (const { number, parents } of proposals) {
      const told = branches.filter((branch) => branch.number < number);
      expect(parents).toEqual([told.toSorted(bestFirst)[0]?.id]);
    }
  });

  test("crosses as often as it was told to", () => {
    const fates300 = Array.from({ length: 300 }, (_, i) => i % 7);
    const crossed = (crossover: number): number =>
      simulate(tournament({ crossover }), fates300).proposals.filter(({ operator }) => operator === "cross")
        .length;
    expect(crossed(0)).toBe(0);
    expect(crossed(1)).toBe(299); // the first proposal has nobody to cross with
    expect(crossed(0.5)).toBeGreaterThan(110);
    expect(crossed(0.5)).toBeLessThan(190);
  });

  test.each([
    [{ size: 0 }, /size is 0/],
    [{ capacity: 1.5 }, /capacity is 1\.5/],
    [{ capacity: 2, elitism: 3 }, /elitism is 3/],
    [{ crossover: Number.NaN }, /crossover is NaN/],
  ])("refuses %j", (options, message) => {
    expect(() => tournament(options)).toThrow(message);
  });
});
