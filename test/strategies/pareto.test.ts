import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleBranch, simulate } from "../../src/testing/conformance/strategy.ts";
import { crowdingDistances, dominates, rankFronts } from "../../strategies/parts/dominance.ts";
import { frontier, pareto } from "../../strategies/index.ts";
import type { Point } from "../../strategies/parts/niches.ts";
import { undominatedIds } from "../../strategies/frontier.ts";
import { pointOf } from "../../strategies/pareto.ts";
import { fates } from "./support.ts";

const points = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 }), {
  maxLength: 30,
});
const objectives = [
  { metric: "fitness", direction: "maximize" },
  { metric: "a", direction: "minimize" },
] as const;

/** Peels off front after front: whoever nobody left dominates. */
function peeled(list: readonly Point[]): readonly number[] {
  const rank = list.map(() => -1);
  for (let front = 0; rank.includes(-1); front++) {
    const left = [...list.keys()].filter((i) => rank[i] === -1);
    const free = left.filter((i) => !left.some((j) => beats(list[j] ?? [], list[i] ?? [])));
    for (const i of free) rank[i] = front;
  }
  return rank;
}

function beats([a = 0, b = 0, c = 0]: Point, [x = 0, y = 0, z = 0]: Point): boolean {
  return a >= x && b >= y && c >= z && (a > x || b > y || c > z);
}

describe("dominance", () => {
  test("fronts are those that peeling gives", () => {
    fc.assert(
      fc.property(points, (list) => {
        expect(rankFronts(list)).toEqual(peeled(list));
      }),
    );
  });

  test("crowding is the worked example's, infinite at the ends", () => {
    const front = [
      [0, 10],
      [1, 8],
      [5, 5],
      [10, 0],
    ];
    expect(crowdingDistances(front)).toEqual([Infinity, 0.5 + 0.5, 0.9 + 0.8, Infinity]);
    expect(crowdingDistances([[1], [1]])).toEqual([Infinity, Infinity]);
    expect(
      crowdingDistances([
        [-Infinity, 1],
        [0, 2],
        [3, 3],
      ])[1],
    ).toBe(1);
  });
});

describe("pareto", () => {
  test("with room for all, the first front is what nobody dominates", () => {
    fc.assert(
      fc.property(fates, fc.nat(), (list, seed) => {
        const { population, branches } = simulate(pareto({ objectives, capacity: 100 }), list, 3, seed, true);
        const free = branches.filter(
          (one) => !branches.some((other) => dominates(pointOf(other, objectives), pointOf(one, objectives))),
        );
        const first = population.living.filter(({ front }) => front === 0).map(({ branch }) => branch.id);
        expect(first.toSorted()).toEqual(free.map(({ id }) => id).toSorted());
      }),
    );
  });

  test("nobody who left was better than all who stayed; the best of each objective stays", () => {
    fc.assert(
      fc.property(fates, (list) => {
        const { population, branches } = simulate(pareto({ objectives, capacity: 5 }), list);
        const living = population.living.map(({ branch }) => pointOf(branch, objectives));
        const left = branches.filter(({ id }) => !population.living.some(({ branch }) => branch.id === id));
        for (const branch of left)
          expect(living.every((point) => dominates(pointOf(branch, objectives), point))).toBe(false);
        const least = Math.max(...branches.map((branch) => pointOf(branch, objectives)[1] ?? 0));
        expect(living.map(([, length]) => length)).toContain(least);
      }),
    );
  });

  test("a metric that was not measured is the worst", () => {
    expect(pointOf(sampleBranch(1, 3), [{ metric: "none", direction: "minimize" }])).toEqual([-Infinity]);
  });
});

describe("frontier", () => {
  test("holds the first that reached the best of each instance, and draws nobody whom another covers", () => {
    fc.assert(
      fc.property(fates, fc.nat(), (list, seed) => {
        const { population, branches } = simulate(frontier(), list, 3, seed, true);
        for (const [name, { value, branches: best }] of population.best) {
          const values = branches.map(({ score }) => score.metrics[name] ?? -Infinity);
          expect(value).toBe(Math.max(...values));
          expect(best[0]).toBe(branches[values.indexOf(value)]);
        }
        const drawn = new Set(undominatedIds(population.best));
        for (const { branches: best } of population.best.values())
          expect(best.some(({ id }) => drawn.has(id))).toBe(true);
      }),
    );
  });

  test("whoever shares all its firsts is left out", () => {
    const [a, b] = [sampleBranch(1, 1), sampleBranch(2, 2)];
    const { best } = simulate(frontier(), []).population;
    const both = best
      .clear()
      .set("x", { value: 1, branches: [a, b] })
      .set("y", { value: 1, branches: [b] });
    expect(undominatedIds(both)).toEqual(["b2", "b2"]);
  });
});
