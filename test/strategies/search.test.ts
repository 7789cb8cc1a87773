// Novelty, the trees, successive halving, (mu + lambda) and the bandit.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAlike } from "../../src/core/notebook/notebook-traits.ts";
import { bestFirst } from "../../src/core/run/branch.ts";
import { sampleBranch, simulate } from "../../src/testing/conformance/strategy.ts";
import {
  adaptive,
  bestOfN,
  muPlusLambda,
  novelty,
  puct,
  successiveHalving,
  tournament,
  treeSearch,
} from "../../strategies/index.ts";
import { noveltyOf } from "../../strategies/novelty.ts";
import { fates, recording } from "./support.ts";

const axes = [
  { metric: "a", min: 0, max: 1, bins: 1 },
  { metric: "b", min: 0, max: 1, bins: 1 },
];

describe("novelty", () => {
  test("turns near-duplicates away, and keeps the rest while there is room", () => {
    fc.assert(
      fc.property(fates, (list) => {
        const { population, branches } = simulate(novelty({ axes }), list);
        const kept: (typeof branches)[number][] = [];
        for (const branch of branches)
          if (!kept.some((one) => isAlike(one.fingerprint ?? "", branch.fingerprint ?? "", 3)))
            kept.push(branch);
        expect(population.members.map(({ branch }) => branch)).toEqual(kept);
      }),
    );
  });

  test("novelty is the mean distance to the nearest k, and the most novel of many is the parent", () => {
    const list = Array.from({ length: 40 }, (_, i) => i);
    const { population, proposals } = simulate(novelty({ axes, k: 2, size: 400 }), list);
    const { members } = population;
    const brute = members.map(({ point: [x = 0, y = 0] }, i) => {
      const far = members.flatMap(({ point: [u = 0, v = 0] }, j) =>
        i === j ? [] : [Math.hypot(x - u, y - v)],
      );
      return far
        .toSorted((a, b) => a - b)
        .slice(0, 2)
        .reduce((sum, d) => sum + d / 2, 0);
    });
    for (const [i, member] of members.entries())
      expect(noveltyOf(member, members, 2)).toBeCloseTo(brute[i] ?? NaN);
    const next = novelty({ axes, k: 2, size: 400 }).ask(population, {
      number: 41,
      open: [],
      random: {
        next: () => 0,
        int: () => 0,
        pick: (from) => from[brute.indexOf(Math.max(...brute))] ?? fail(),
      },
    });
    expect(next?.parents).toEqual([members[brute.indexOf(Math.max(...brute))]?.branch.id]);
    expect(proposals).toHaveLength(40);
  });

  test("a full archive never gets less spread where it exchanges", () => {
    const list = Array.from({ length: 200 }, (_, i) => i);
    const { population } = simulate(novelty({ axes, capacity: 12, duplicateBits: 0 }), list);
    const early = simulate(novelty({ axes, capacity: 12, duplicateBits: 0 }), list.slice(0, 11));
    const mean = ({ members }: typeof population): number =>
      members.reduce((sum, member) => sum + noveltyOf(member, members, 1), 0) / members.length;
    expect(population.members).toHaveLength(12);
    expect(mean(population)).toBeGreaterThan(mean(early.population));
  });
});

function fail(): never {
  throw new Error("nothing to pick");
}

describe("tree search", () => {
  test("drafts first, then improves the best", () => {
    const { proposals } = simulate(treeSearch({ drafts: 3 }), [1, 9, 2, 3, 4], 1);
    expect(proposals.map(({ operator, parents }) => [operator, ...parents])).toEqual([
      ["draft", "b0"],
      ["draft", "b0"],
      ["draft", "b0"],
      ["improve", "b2"],
      ["improve", "b2"],
    ]);
  });

  test("repairs a failure until it is mended, or too deep; never one that left no notebook", () => {
    const { proposals } = simulate(
      treeSearch({ drafts: 1, debug: 1, depth: 2 }),
      [null, null, null, 5, 5, 5],
      1,
    );
    expect(proposals.map(({ operator, repairs }) => [operator, repairs?.proposal])).toEqual([
      ["draft", undefined],
      ["repair", "p1"],
      ["repair", "p2"], // p3 leaves no notebook, and would be too deep
      ["improve", undefined],
      ["improve", undefined],
      ["improve", undefined],
    ]);
  });

  test("gives up on a draft after so many repairs in a row", () => {
    const { proposals } = simulate(treeSearch({ drafts: 1, debug: 1, depth: 1 }), [null, null, 5, 5], 1);
    expect(proposals.map(({ operator }) => operator)).toEqual(["draft", "repair", "improve", "improve"]);
  });

  test("two never repair the same at once", () => {
    fc.assert(
      fc.property(fates, fc.nat(), (list, seed) => {
        const { proposals } = simulate(treeSearch({ debug: 1 }), list, 4, seed, true);
        const mended = proposals.flatMap(({ repairs }) => repairs?.proposal ?? []);
        expect(new Set(mended).size).toBe(mended.length);
      }),
    );
  });
});

describe("puct", () => {
  test("visits and values are what the tree below says", () => {
    fc.assert(
      fc.property(fates, fc.nat(), (list, seed) => {
        const run = simulate(recording(puct({ width: 3 })), list, 3, seed, true);
        const { population: tree, outcomes } = run.population;
        const below = (id: string): readonly string[] => [
          id,
          ...(tree.nodes.get(id)?.children ?? []).flatMap(below),
        ];
        for (const [id, { visits, best, children }] of tree.nodes) {
          const ids = below(id);
          const told = outcomes.filter(({ proposal }) => ids.includes(proposal.parents[0] ?? ""));
          expect(visits).toBe(told.length);
          const values = run.branches
            .filter((branch) => ids.includes(branch.id))
            .map(({ score }) => score.fitness);
          expect(best).toBe(Math.max(...values));
          expect(children.length).toBeLessThanOrEqual(3 + 2); // open ones of that moment came on top
        }
      }),
    );
  });

  test("moves its root on, and never outgrows its horizon", () => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 2, max: 12 }), fc.nat(), (list, horizon, seed) => {
        const { population: tree } = simulate(puct({ width: 3, horizon }), list, 3, seed, true);
        const { nodes, root } = tree;
        expect(nodes.get(root)?.parent).toBeNull();
        for (const [id, { parent, children }] of nodes) {
          if (id !== root) expect(nodes.get(parent ?? "")?.children).toContain(id);
          for (const child of children) expect(nodes.has(child)).toBe(true);
        }
        // Every node but the root was a visit of the root's, since it is the root or while it was below the one before.
        expect(nodes.size).toBeLessThanOrEqual(Math.max(horizon, 2) + 1);
      }),
    );
  });

  test("spends more on the subtree that does well", () => {
    // Children of b1 do ever better, those of any other branch do not.
    const strategy = puct({ exploration: 0.5 });
    let tree = strategy.start(sampleBranch(0, 0));
    const line = new Set(["b1"]);
    for (let number = 1; number <= 80; number++) {
      const random = { next: () => 0, int: () => 0, pick: fail };
      const move = strategy.ask(tree, { number, open: [], random }) ?? fail();
      const parent = move.parents[0] ?? "";
      if (line.has(parent)) line.add(`b${number}`);
      const branch = sampleBranch(number, line.has(`b${number}`) ? number : 0, [parent]);
      tree = strategy.tell(tree, { ok: true, proposal: { ...move, number, id: `p${number}` }, branch });
    }
    expect(line.size).toBeGreaterThan(40);
    expect(line.size).toBeLessThan(80);
  });
});

test("successive halving promotes the best of a rung, each once, for more rounds", () => {
  fc.assert(
    fc.property(fates, fc.nat(), (list, seed) => {
      const { proposals, branches, known } = simulate(
        successiveHalving({ eta: 2, rungs: 3 }),
        list,
        3,
        seed,
        true,
      );
      const promoted = proposals.filter(({ operator }) => operator === "improve");
      expect(new Set(promoted.map(({ parents }) => parents[0])).size).toBe(promoted.length);
      for (const { number, parents, island, rounds } of proposals) {
        expect(rounds).toBe(2 ** island);
        if (island === 0) continue;
        const rungOf = new Map(proposals.map((proposal) => [`b${proposal.number}`, proposal.island]));
        const rung = branches.slice(1, known[number - 1]).filter(({ id }) => rungOf.get(id) === island - 1);
        const top = rung.toSorted(bestFirst).slice(0, Math.floor(rung.length / 2));
        expect(top.map(({ id }) => id)).toContain(parents[0]);
      }
    }),
  );
});

test("(mu + lambda): the parents are the best of the parents and children of each generation", () => {
  fc.assert(
    fc.property(fates, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (list, mu, lambda) => {
      const { population } = simulate(recording(muPlusLambda({ mu, lambda })), list, 3, 1, true);
      const { outcomes, population: generation } = population;
      const whole = outcomes.slice(0, outcomes.length - (outcomes.length % lambda));
      const all = [sampleBranch(0, 0), ...whole.flatMap((outcome) => (outcome.ok ? [outcome.branch] : []))];
      // Elitism: the best mu of all that a selection has seen are the parents.
      expect(generation.parents.map(({ id }) => id)).toEqual(
        all
          .toSorted(bestFirst)
          .slice(0, mu)
          .map(({ id }) => id),
      );
    }),
  );
});

describe("adaptive", () => {
  /** Children of the arm `good` gain, those of the other fail. */
  function played(good: number, steps: number, plateau: number): readonly number[] {
    const strategy = adaptive({ of: [bestOfN(), tournament()], plateau, window: 20 });
    let bandit = strategy.start(sampleBranch(0, 0));
    const arms: number[] = [];
    for (let number = 1; number <= steps; number++) {
      const random = { next: () => 0.9, int: () => 0, pick: <T>(from: readonly T[]): T => from[0] ?? fail() };
      const move = strategy.ask(bandit, { number, open: [], random }) ?? fail();
      const proposal = { ...move, number, id: `p${number}` };
      arms.push(move.island);
      bandit =
        move.island === good
          ? strategy.tell(bandit, { ok: true, proposal, branch: sampleBranch(number, number) })
          : strategy.tell(bandit, { ok: false, proposal, failure: { boundary: "kernel", message: "" } });
    }
    return arms;
  }

  test.each([0, 1])("gives the strategy that succeeds (%i) most proposals", (good) => {
    const arms = played(good, 60, 0);
    expect(arms.filter((arm) => arm === good).length).toBeGreaterThan(40);
    expect(arms).toContain(1 - good);
  });

  test("on a plateau the leader rests", () => {
    const stuck = (plateau: number) => {
      const list = Array.from({ length: 12 }, () => -1);
      return simulate(adaptive({ of: [bestOfN(), tournament()], plateau }), list).population;
    };
    expect(stuck(0).resting).toBeNull();
    expect(stuck(6).resting).not.toBeNull();
  });
});
