// Owns: the contract of a strategy as tests, for the shipped ones and for users' own.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchId } from "../../core/run/branch.ts";
import { randomAt } from "../../core/random.ts";
import type { Branch, Move, Outcome, Proposal, Strategy } from "../../contracts/index.ts";

/** A proposal's fate in a simulated run: its fitness, or null for a failure. */
export type Fate = number | null;

/** What a strategy did in a run without kernels. */
export interface SimulatedRun<P> {
  readonly population: P;
  /** The founder and what was told since, in the order told. */
  readonly branches: readonly Branch[];
  readonly proposals: readonly Proposal[];
  /** For each proposal, how many of `branches` were there when it was asked for. */
  readonly known: readonly number[];
}

/** A branch without blobs behind it, for strategies alone. */
export function sampleBranch(number: number, fitness: number, parents: readonly string[] = []): Branch {
  return {
    id: branchId(number),
    number,
    parents,
    generation: parents.length === 0 ? 0 : 1,
    score: { valid: true, fitness, metrics: { score: fitness, ...sampleMetrics(number) }, message: "" },
    descriptor: [],
    traits: { "notebook.lines": (number * 37) % 500, "notebook.families": number % 5 },
    fingerprint: fingerprintAt(number),
    notebook: "n",
    kernel: "k",
    context: "c",
    submission: "s",
  };
}

/** Metrics that spread, by number. */
function sampleMetrics(number: number): Readonly<Record<string, number>> {
  const random = randomAt("metrics", number);
  return { a: random.next(), b: random.next() };
}

/** Every fifth branch is nearly the one before. */
function fingerprintAt(number: number): string {
  const random = randomAt("code", number % 5 === 4 ? number - 1 : number);
  return Array.from({ length: 16 }, () => random.int(16).toString(16)).join("");
}

/**
 * Asks and tells with up to `parallel` open proposals; each fate belongs to one proposal, in order. Results come in
 * the order proposed, or in any order (a function of the seed) where `shuffled`.
 */
export function simulate<P>(
  strategy: Strategy<P>,
  fates: readonly Fate[],
  parallel = 1,
  seed = 1,
  shuffled = false,
): SimulatedRun<P> {
  const founder = sampleBranch(0, 0);
  let population = strategy.start(founder);
  const branches = [founder];
  const proposals: Proposal[] = [];
  const known: number[] = [];
  let open: readonly Proposal[] = [];
  while (proposals.length < fates.length || open.length > 0) {
    const number = proposals.length + 1;
    const wanted = proposals.length < fates.length && open.length < parallel;
    const now = { number, open, random: randomAt(seed, "ask", number) };
    const move = wanted ? strategy.ask(population, now) : null;
    if (move !== null) {
      const proposal = { ...move, number, id: `p${number}` };
      proposals.push(proposal);
      known.push(branches.length);
      open = [...open, proposal];
      continue;
    }
    if (open.length === 0) break; // it wants nothing more
    const place = shuffled ? randomAt(seed, "finish", number, open.length).int(open.length) : 0;
    const proposal = open[place];
    if (proposal === undefined) break;
    open = open.filter((one) => one !== proposal);
    const outcome = outcomeOf(proposal, fates[proposal.number - 1] ?? null);
    if (outcome.ok) branches.push(outcome.branch);
    population = strategy.tell(population, outcome);
  }
  return { population, branches, proposals, known };
}

/** The contract: pure, synchronous, and asking only for what there is. `make` gives a new one each time. */
export function describeStrategy<P>(make: () => Strategy<P>): void {
  describe(`the strategy ${make().name}`, () => {
    describeHistories(make);
    describeSurprises(make);
  });
}

const fates = fc.array(fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { freq: 6 }), {
  maxLength: 40,
});

function describeHistories<P>(make: () => Strategy<P>): void {
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

  test("asks only for branches that were told, at once, with a known operator, in whatever order they end", () => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 1, max: 5 }), fc.nat(), (list, parallel, seed) => {
        const { proposals, branches, known } = simulate(make(), list, parallel, seed, true);
        for (const [i, proposal] of proposals.entries())
          checkMove(proposal, new Set(branches.slice(0, known[i]).map(({ id }) => id)));
      }),
    );
  });

  test("changes neither its population nor an outcome", () => {
    fc.assert(
      fc.property(fates, (list) => {
        simulate(guardStrategy(make()), list, 3, 1, true);
      }),
    );
  });
}

function describeSurprises<P>(make: () => Strategy<P>): void {
  test("goes on after a branch that a person brought in, which has no parents and was not asked for", () => {
    const strategy = make();
    const injected = { command: "l1", notebook: "n" };
    const proposal = { id: "p1", number: 1, operator: "inject", parents: [], island: 0, injected } as const;
    const branch = sampleBranch(1, 5);
    const known = new Set([branchId(0), branch.id]);
    const failure = { boundary: "kernel", message: "a cell raised", notebook: "n", kernel: "k" } as const;
    for (const outcome of [
      { ok: true, proposal, branch } as const,
      { ok: false, proposal, failure } as const,
    ]) {
      const population = strategy.tell(strategy.start(sampleBranch(0, 0)), outcome);
      const now = { number: 2, open: [proposal], random: randomAt(1, "ask", 2) };
      const move = strategy.ask(population, now) ?? strategy.ask(population, { ...now, open: [] });
      if (move === null) throw new Error("it asks for nothing");
      checkMove(move, known);
    }
  });

  test("goes on after any number of failures", () => {
    const { proposals } = simulate(
      make(),
      Array.from({ length: 20 }, () => null),
    );
    expect(proposals).toHaveLength(20);
  });
}

const OPERATORS: readonly Move["operator"][] = ["draft", "improve", "repair", "cross", "restart", "simplify"];

function checkMove(move: Move, told: ReadonlySet<string>): void {
  const { operator, parents, island, rounds, repairs, inspirations = [] } = move;
  expect(OPERATORS).toContain(operator);
  expect(parents.length).toBeGreaterThan(operator === "cross" ? 1 : 0);
  expect(new Set(parents).size).toBe(parents.length);
  for (const id of [...parents, ...inspirations]) expect(told).toContain(id);
  expect(Number.isInteger(island) && island >= 0).toBe(true);
  expect(rounds === undefined || (Number.isInteger(rounds) && rounds >= 1)).toBe(true);
  expect(repairs !== undefined).toBe(operator === "repair");
  if (repairs !== undefined) expect(repairs.failure).toMatchObject({ notebook: "n", kernel: "k" });
}

/** The same strategy, checked at each call for having left its arguments as they were. */
function guardStrategy<P>(strategy: Strategy<P>): Strategy<P> {
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
  if (fate === null) {
    const left = proposal.number % 3 === 0 ? {} : { notebook: "n", kernel: "k" };
    return { ok: false, proposal, failure: { boundary: "kernel", message: "it died", ...left } };
  }
  return { ok: true, proposal, branch: sampleBranch(proposal.number, fate, proposal.parents) };
}
