// What the tests of strategies share: a strategy that writes down all it is told.
import fc from "fast-check";
import type { Outcome, Strategy } from "../../src/contracts/index.ts";

export const fates = fc.array(fc.option(fc.integer({ min: -20, max: 20 }), { freq: 5 }), {
  minLength: 1,
  maxLength: 60,
});

export interface Recorded<P> {
  readonly population: P;
  readonly outcomes: readonly Outcome[];
}

/** The same strategy, with every outcome that it was told kept beside its population. */
export function recording<P>(strategy: Strategy<P>): Strategy<Recorded<P>> {
  return {
    ...strategy,
    start: (founder) => ({ population: strategy.start(founder), outcomes: [] }),
    ask: ({ population }, now) => strategy.ask(population, now),
    tell: ({ population, outcomes }, outcome) => ({
      population: strategy.tell(population, outcome),
      outcomes: [...outcomes, outcome],
    }),
  };
}

/** Keeps the ids of all that it is told, and improves any of them. */
export function diary(): Strategy<readonly string[]> {
  return {
    name: "diary",
    settings: {},
    start: (founder) => [founder.id],
    ask: (ids, { random }) => ({ operator: "improve", parents: [random.pick(ids)], island: 0 }),
    tell: (ids, outcome) => (outcome.ok ? [...ids, outcome.branch.id] : ids),
  };
}
