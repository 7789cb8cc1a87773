import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestFirst } from "../../src/core/run/branch.ts";
import type { Branch } from "../../src/contracts/index.ts";
import { sampleBranch, simulate } from "../../src/testing/conformance/strategy.ts";
import { coordinatesOf, cvtCentroids, nearestCentroid, gridNiche } from "../../strategies/parts/niches.ts";
import { mapElites, type Niches } from "../../strategies/index.ts";
import { fates } from "./support.ts";

const axes = [
  { metric: "a", min: 0, max: 1, bins: 3 },
  { metric: "b", min: 0.25, max: 0.75, bins: 4 },
];

function elites({ archive }: Niches): readonly (readonly [number, string])[] {
  return [...archive.elites].map(([niche, { branch }]) => [niche, branch.id] as const).toSorted();
}

/** The best of each niche; of equals the first told. */
function reference(branches: readonly Branch[], nicheOf: (branch: Branch) => number) {
  const best = new Map<number, Branch>();
  for (const branch of branches) {
    const had = best.get(nicheOf(branch));
    if (had === undefined || branch.score.fitness > had.score.fitness) best.set(nicheOf(branch), branch);
  }
  return [...best].map(([niche, { id }]) => [niche, id] as const).toSorted();
}

describe("map-elites", () => {
  test("holds the first best of every niche of the grid, and of the Voronoi cells", () => {
    fc.assert(
      fc.property(fates, fc.nat(), (list, seed) => {
        const onGrid = simulate(mapElites({ axes }), list, 3, seed, true);
        expect(elites(onGrid.population)).toEqual(
          reference(onGrid.branches, (branch) => gridNiche(axes, coordinatesOf(axes, branch))),
        );
        const cells = simulate(mapElites({ axes, centroids: 9, cvtSeed: 3 }), list, 3, seed, true);
        const places = cvtCentroids(axes, 9, 3);
        expect(elites(cells.population)).toEqual(
          reference(cells.branches, (branch) => nearestCentroid(places, coordinatesOf(axes, branch))),
        );
      }),
    );
  });

  test("an elite is never worse than what it replaced, adapting ranges included", () => {
    fc.assert(
      fc.property(fates, (list) => {
        const strategy = mapElites({ axes, adaptive: true });
        let before = strategy.start(sampleBranch(0, 0));
        for (const [i, fitness] of list.entries()) {
          const branch = sampleBranch(i + 1, fitness ?? 0, ["b0"]);
          const proposal = {
            operator: "improve",
            parents: ["b0"],
            island: 0,
            number: i + 1,
            id: `p${i + 1}`,
          } as const;
          const after = strategy.tell(before, { ok: true, proposal, branch });
          for (const { branch: was } of before.archive.elites.values()) {
            const niche = gridNiche(after.axes, coordinatesOf(after.axes, was));
            expect(after.archive.elites.get(niche)?.branch.score.fitness).toBeGreaterThanOrEqual(
              was.score.fitness,
            );
          }
          before = after;
        }
      }),
    );
  });

  test("adapting ranges holds all points inside, and binning anew keeps every elite that it should", () => {
    const narrow = axes.map((axis) => ({ ...axis, min: 0.4, max: 0.41 }));
    fc.assert(
      fc.property(fates, (list) => {
        const { population, branches } = simulate(mapElites({ axes: narrow, adaptive: true }), list, 2);
        const { archive, axes: now } = population;
        for (const branch of branches)
          for (const [i, value] of coordinatesOf(now, branch).entries()) {
            expect(value).toBeGreaterThanOrEqual(now[i]?.min ?? NaN);
            expect(value).toBeLessThanOrEqual(now[i]?.max ?? NaN);
          }
        for (const [niche, { branch }] of archive.elites)
          expect(gridNiche(now, coordinatesOf(now, branch))).toBe(niche);
        const best = branches.toSorted(bestFirst)[0];
        expect([...archive.elites.values()].map(({ branch }) => branch.score.fitness)).toContain(
          best?.score.fitness,
        );
        expect(archive.niches.toSet().size).toBe(archive.elites.size);
        expect(archive.niches.size).toBe(archive.elites.size);
      }),
    );
  });

  test("a wider range loses nothing but elites that share a niche with a better one", () => {
    const one = [{ metric: "a", min: 0, max: 1, bins: 4 }];
    const at = (number: number, fitness: number, a: number): Branch => {
      const branch = sampleBranch(number, fitness);
      return { ...branch, score: { ...branch.score, metrics: { a } } };
    };
    const tell = (niches: Niches, branch: Branch): Niches => {
      const proposal = {
        operator: "improve",
        parents: ["b0"],
        island: 0,
        number: branch.number,
        id: "p",
      } as const;
      return strategy.tell(niches, { ok: true, proposal, branch });
    };
    const strategy = mapElites({ axes: one, adaptive: true });
    const told = [at(1, 5, 0.3), at(2, 4, 0.6), at(3, 7, 0.9), at(4, 1, 1.8)];
    const { axes: now, archive } = told.reduce(tell, strategy.start(at(0, 1, 0.1)));
    expect(now).toEqual([{ metric: "a", min: 0, max: 2, bins: 4 }]);
    // 0.1 and 0.3 share the first bin of half a unit, 0.6 and 0.9 the second.
    expect(elites({ archive, axes: now, founder: at(0, 1, 0.1) })).toEqual([
      [0, "b1"],
      [1, "b3"],
      [3, "b4"],
    ]);
  });

  test("draws parents and second parents from the elites alone, inspirations from others", () => {
    const list = Array.from({ length: 80 }, (_, i) => (i * 7) % 11);
    const { proposals } = simulate(mapElites({ axes, crossover: 0.5, inspirations: 2 }), list);
    expect(proposals.filter(({ operator }) => operator === "cross").length).toBeGreaterThan(15);
    for (const { parents, inspirations = [] } of proposals) {
      expect(inspirations.length).toBeLessThanOrEqual(2);
      for (const id of inspirations) expect(parents).not.toContain(id);
    }
  });

  test("of more elites drawn, the best is the parent: better on average than one drawn evenly", () => {
    const list = Array.from({ length: 300 }, (_, i) => (i * 7) % 11);
    const meanParent = (size: number): number => {
      const { proposals, branches } = simulate(mapElites({ axes, size, crossover: 0 }), list);
      const fitness = new Map(branches.map(({ id, score }) => [id, score.fitness]));
      const parents = proposals.slice(100).map(({ parents: [first = ""] }) => fitness.get(first) ?? NaN);
      return parents.reduce((sum, value) => sum + value, 0) / parents.length;
    };
    expect(meanParent(3)).toBeGreaterThan(meanParent(1));
    expect(() => mapElites({ size: 0 })).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test("a branch whose place is no number is nowhere; the run goes on", () => {
    const branch = sampleBranch(1, 5);
    const strategy = mapElites({ axes: [{ metric: "z", min: 0, max: 1, bins: 2 }] });
    const lost = { ...branch, score: { ...branch.score, metrics: { z: NaN } } };
    const proposal = { operator: "improve", parents: ["b0"], island: 0, number: 1, id: "p1" } as const;
    const before = strategy.start(sampleBranch(0, 0));
    expect(strategy.tell(before, { ok: true, proposal, branch: lost })).toEqual(before);
  });

  test.each([
    [{ axes: [{ metric: "a", min: 1, max: 1, bins: 2 }] }, /axes is .*"min":1,"max":1.*min below max/],
    [{ axes: [{ metric: "a", min: 0, max: 1, bins: 0 }] }, /axes is .*"bins":0.*bins 1 or more/],
    [{ learningRate: 0.5 }, /thresholdMin is null/],
    [{ adaptive: true, centroids: 4 }, /adaptive is true/],
  ])("refuses %j", (options, message) => {
    expect(() => mapElites(options)).toThrow(message);
  });
});
