// Whatever ends first: durable before anything acts on it, told once, and the same end where the order is the seed's.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Run } from "../../src/core/run/run.ts";
import { evolve } from "../../src/loop/evolve.ts";
import type { EvolveOptions } from "../../src/loop/types.ts";
import type { Journal, Strategy } from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
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
import { noOpEnd, noOpStart } from "../../benchmarks/controller/no-op.ts";

const STRATEGIES: readonly (() => Strategy)[] = [
  () => tournament({ crossover: 0.5 }),
  () => islands({ of: mapElites(), count: 2, interval: 3, reset: 5 }),
  () => puct(),
  () => bestOfN(),
  () => muPlusLambda({ mu: 2, lambda: 3, crossover: 0.5 }),
  () => pareto({ capacity: 4, crossover: 0.5 }),
  () => frontier({ crossover: 0.5 }),
  () => novelty({ k: 2, capacity: 4 }),
  () => treeSearch({ drafts: 2 }),
  () => successiveHalving({ eta: 2 }),
  () => adaptive({ of: [tournament(), islands({ of: treeSearch({ drafts: 1 }), count: 2 })], plateau: 3 }),
];
/** Of each strategy. */
const RUNS = 6;

/** A run whose appends and episodes end in the order that the scheduler says; appends stay in order. */
async function scheduled(
  s: fc.Scheduler,
  strategy: Strategy,
  options: Pick<EvolveOptions, "order" | "parallel">,
) {
  const memory = memoryJournal();
  let last: Promise<unknown> = Promise.resolve();
  const journal: Journal = {
    read: (from) => memory.read(from),
    append(events, blobs) {
      const kept = last
        .then(() => s.schedule(Promise.resolve(), "append"))
        .then(() => memory.append(events, blobs));
      last = kept;
      return kept;
    },
  };
  const seen: string[] = [];
  const run = evolve(
    {
      strategy,
      journal,
      playFounder: async () => noOpStart(5),
      async playEpisode(proposal, now) {
        expect(JSON.stringify(memory.events)).toContain(`"id":"${proposal.id}"`); // durable before it is played
        await s.schedule(Promise.resolve(), proposal.id);
        return noOpEnd(proposal, now);
      },
      observe: (_, event) => {
        expect(memory.events.length).toBeGreaterThan(seen.length); // durable before it is seen
        seen.push(JSON.stringify(event));
      },
    },
    { ...options, signal: new AbortController().signal, budget: { proposals: 12, targetFitness: null } },
  );
  const ended = await s.waitFor(run);
  expect(seen).toEqual(memory.events.map((event) => JSON.stringify(event)));
  return { run: ended, events: memory.events };
}

const shown = (run: Run): unknown =>
  JSON.parse(JSON.stringify([run.population, run.branches, run.told, run.best]));

test("as-proposed: one seed, one population, in every interleaving", async () => {
  for (const make of STRATEGIES) {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const { run } = await scheduled(s, make(), { order: "as-proposed", parallel: 3 });
        ends.add(JSON.stringify(shown(run)));
        expect(ends.size).toBe(1);
      }),
      { numRuns: RUNS },
    );
  }
});

test("as-finished: told once each, never before it ended, and the journal replays to the same run", async () => {
  for (const make of STRATEGIES) {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), async (s, parallel) => {
        const { run, events } = await scheduled(s, make(), { order: "as-finished", parallel });
        const ended = new Set<string>();
        const told: string[] = [];
        for (const event of events) {
          if (event.type === "episode-ended") ended.add(event.outcome.proposal.id);
          if (event.type !== "proposal-told") continue;
          expect(ended).toContain(event.proposal);
          told.push(event.proposal);
        }
        expect(told.toSorted()).toEqual(Array.from({ length: 12 }, (_, i) => `p${i + 1}`).toSorted());
        const kept = memoryJournal();
        await kept.append(events, noOpStart(5).blobs);
        const again = await evolve(
          {
            strategy: make(),
            journal: kept,
            playFounder: () => Promise.reject(new Error("there is a run")),
            playEpisode: () => Promise.reject(new Error("nothing is left to play")),
          },
          {
            order: "as-finished",
            parallel,
            signal: new AbortController().signal,
            budget: { proposals: 12, targetFitness: null },
          },
        );
        expect(shown(again)).toEqual(shown(run));
      }),
      { numRuns: RUNS },
    );
  }
});
