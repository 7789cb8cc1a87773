import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestFirst } from "../../src/core/run/branch.ts";
import type { Branch } from "../../src/contracts/index.ts";
import { simulate } from "../../src/testing/conformance/strategy.ts";
import { islands, type OptionsOf } from "../../strategies/index.ts";
import { diary, fates, recording } from "./support.ts";

const sizes = fc.record({ count: fc.integer({ min: 1, max: 4 }), interval: fc.integer({ min: 0, max: 7 }) });

/** What each island's diary must be, worked out from the outcomes alone; `top`: the best so many of each island. */
function reference(
  outcomes: ReturnType<typeof run>["outcomes"],
  options: Required<Sizes>,
): readonly string[][] {
  const { count, interval, rate, migration } = options;
  const members: Branch[][] = Array.from({ length: count }, () => []);
  for (const [i, outcome] of outcomes.entries()) {
    const home = outcome.proposal.island % (2 * count);
    if (outcome.ok) members[home]?.push(outcome.branch);
    if (interval === 0 || (i + 1) % interval !== 0) continue;
    const emigrants = members.map((list) => list.toSorted(bestFirst).slice(0, rate));
    for (const [from, list] of emigrants.entries()) {
      for (const [to, target] of members.entries()) {
        const goes = to !== from && (migration === "full" || to === (from + 1) % count);
        for (const branch of goes ? list : []) if (!target.includes(branch)) target.push(branch);
      }
    }
  }
  return members.map((list) => ["b0", ...list.map(({ id }) => id)]);
}

interface Sizes {
  readonly count: number;
  readonly interval: number;
  readonly rate: number;
  readonly migration: "ring" | "full";
}

function idsIn(diary: unknown): readonly string[] {
  return Array.isArray(diary) ? diary.map(String) : [];
}

function run(list: readonly (number | null)[], options: OptionsOf<typeof islands>, parallel = 3, seed = 1) {
  const { population, proposals } = simulate(
    recording(islands({ of: diary(), ...options })),
    list,
    parallel,
    seed,
    true,
  );
  const diaries = population.population.islands.map(({ population: ids }) => idsIn(ids));
  return { diaries, outcomes: population.outcomes, proposals };
}

describe("islands", () => {
  test("meet by migration alone, which moves a copy of the best, each once", () => {
    fc.assert(
      fc.property(
        fates,
        sizes,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom("ring" as const, "full" as const),
        fc.nat(),
        (list, { count, interval }, rate, migration, seed) => {
          const options = { count, interval, rate, migration };
          const { diaries, outcomes } = run(list, options, 3, seed);
          const expected = reference(outcomes, options);
          expect(diaries.map((ids) => ids.toSorted())).toEqual(expected.map((ids) => ids.toSorted()));
        },
      ),
    );
  });

  test("a proposal's parents are of its own island", () => {
    fc.assert(
      fc.property(fates, sizes, fc.nat(), (list, { count }, seed) => {
        const { proposals } = run(list, { count, interval: 0 }, 4, seed);
        const homes = new Map(proposals.map(({ number, island }) => [`b${number}`, island]));
        for (const { parents, island } of proposals)
          for (const parent of parents) expect(homes.get(parent) ?? island).toBe(island);
      }),
    );
  });

  test("moves are spread evenly, whatever the order of results", () => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 1, max: 4 }), fc.nat(), (list, count, seed) => {
        const { proposals } = run(list, { count }, 4, seed);
        const counts = Array.from(
          { length: count },
          (_, at) => proposals.filter(({ island }) => island === at).length,
        );
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("random migration sends to one other island", () => {
    const { diaries } = run([5, 1, 1, 1], { count: 4, interval: 4, migration: "random" }, 1);
    const holders = diaries.filter((ids) => ids.includes("b1"));
    expect(holders).toHaveLength(2);
  });

  test("a reset begins the weakest anew from another's best, and it stays level with the others", () => {
    const { diaries, proposals } = run([9, 1, 8, 7, 6, 5, 4, 3], { count: 2, interval: 0, reset: 4 }, 1);
    // Island 1 holds b2 and b4, 1 and 7: weaker than island 0 with b1 of 9. Then it begins from b1.
    expect(proposals.map(({ island }) => island)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(diaries[0]).toEqual(["b0", "b1", "b3", "b5", "b7"]);
    expect(diaries[1]?.[0]).toBe("b1");
  });

  test("stagnation adds islands, up to the most", () => {
    const stuck = Array.from({ length: 30 }, () => -1);
    const { diaries } = run(stuck, { count: 2, interval: 0, stagnation: 5, most: 4 }, 1);
    expect(diaries).toHaveLength(4);
    const better = Array.from({ length: 30 }, (_, i) => i);
    expect(run(better, { count: 2, stagnation: 5 }, 1).diaries).toHaveLength(2);
  });

  test.each([
    [{ count: 0 }, /islands: count is 0/],
    [{ migration: "star" as never }, /migration is "star"/],
    [{ count: 4, most: 3 }, /most is 3/],
  ])("refuses %j", (options, message) => {
    expect(() => islands(options)).toThrow(message);
  });
});
