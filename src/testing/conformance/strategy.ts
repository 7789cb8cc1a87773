// Owns: the contract of a strategy as tests, for the shipped ones and for users' own.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchId } from "../../core/branch.ts";
import { randomAt } from "../../core/random.ts";
import type { Branch, Move, Outcome, Proposal, Strategy } from "../../spec/index.ts";

/** A proposal's fate in a simulated run: its fitness, or null for a failure. */
export type Fate = number | null;

export interface SimulatedRun<P> {
  readonly population: P;
  readonly branches: readonly Branch[];
  readonly proposals: readonly Proposal[];
}

/** A branch without blobs behind it, for strategies alone. */
export function sampleBranch(number: number, fitness: number, parents: readonly string[] = []): Branch {
  return {
    id: branchId(number),
    number,
    parents,
    generation: parents.length === 0 ? 0 : 1,
    score: { valid: true, fitness, metrics: { score: fitness }, message: "" },
    descriptor: [],
    notebook: "n",
    kernel: "k",
    context: "c",
    submission: "s",
  };
}

/** Asks and tells with up to `parallel` open proposals; each fate belongs to one proposal, in order. */
export function simulate<P>(
  strategy: Strategy<P>,
  fates: readonly Fate[],
  parallel = 1,
  seed = 1,
): SimulatedRun<P> {
  const founder = sampleBranch(0, 0);
  let population = strategy.start(founder);
  const branches = [founder];
  const proposals: Proposal[] = [];
  let open: readonly Proposal[] = [];
  while (proposals.length < fates.length || open.length > 0) {
    const number = proposals.length + 1;
    const wanted = proposals.length < fates.length && open.length < parallel;
    const now = { number, open, random: randomAt(seed, "ask", number) };
    const move = wanted ? strategy.ask(population, now) : null;
    if (move !== null) {
      const proposal = { ...move, number, id: `p${number}` };
      proposals.push(proposal);
      open = [...open, proposal];
      continue;
    }
    const [proposal, ...rest] = open;
    if (proposal === undefined) break; // it wants nothing more
    open = rest;
    const outcome = outcomeOf(proposal, fates[proposal.number - 1] ?? null);
    if (outcome.ok) branches.push(outcome.branch);
    population = strategy.tell(population, outcome);
  }
  return { population, branches, proposals };
}

/** The contract: pure, synchronous, and asking only for what there is. `make` gives a new one each time. */
export function describeStrategy<P>(make: () => Strategy<P>): void {
  const fates = fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { freq: 6 }), {
    maxLength: 40,
  });
  describe(`the strategy ${make().name}`, () => {
    test("has a name and settings that survive JSON", () => {
      const { name, settings } = make();
      expect(name).not.toBe("");
      expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
    });

    test("gives the same answers to the same history", () => {
      fc.assert(
        fc.property(fates, fc.integer({ min: 1, max: 5 }), fc.nat(), (list, parallel, seed) => {
          expect(simulate(make(), list, parallel, seed)).toEqual(simulate(make(), list, parallel, seed));
        }),
      );
    });

    test("asks only for branches that were told, at once, with a known operator", () => {
      fc.assert(
        fc.property(fates, fc.integer({ min: 1, max: 5 }), (list, parallel) => {
          const { proposals } = simulate(make(), list, parallel);
          for (const proposal of proposals) checkMove(proposal, proposal.number - 1);
        }),
      );
    });

    test("changes neither its population nor an outcome", () => {
      fc.assert(
        fc.property(fates, (list) => {
          simulate(guarded(make()), list, 2);
        }),
      );
    });

    test("goes on after any number of failures", () => {
      const { proposals } = simulate(
        make(),
        Array.from({ length: 20 }, () => null),
      );
      expect(proposals).toHaveLength(20);
    });
  });
}

function checkMove(move: Move, told: number): void {
  expect(["found", "improve", "repair", "cross"]).toContain(move.operator);
  expect(move.parents.length).toBeGreaterThan(0);
  expect(new Set(move.parents).size).toBe(move.parents.length);
  for (const parent of move.parents) expect(Number(parent.slice(1))).toBeLessThanOrEqual(told);
  expect(move.island).toBeGreaterThanOrEqual(0);
}

/** The same strategy, checked at each call for having left its arguments as they were. */
function guarded<P>(strategy: Strategy<P>): Strategy<P> {
  const unchanged = <T>(value: P, call: () => T): T => {
    const before = JSON.stringify(value);
    const result = call();
    expect(JSON.stringify(value)).toBe(before);
    return result;
  };
  return {
    ...strategy,
    ask: (population, now) => unchanged(population, () => strategy.ask(population, now)),
    tell: (population, outcome) => unchanged(population, () => strategy.tell(population, outcome)),
  };
}

function outcomeOf(proposal: Proposal, fate: Fate): Outcome {
  if (fate === null) return { ok: false, proposal, failure: { boundary: "kernel", message: "it died" } };
  return { ok: true, proposal, branch: sampleBranch(proposal.number, fate, proposal.parents) };
}
