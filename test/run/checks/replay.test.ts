// A journal replayed: the same population, and every decision the strategy's own - or the first that is not.
import { describe, expect, test } from "vitest";
import { auditJournal } from "../../../src/run/checks/audit-journal.ts";
import type { RunEvent, Strategy } from "../../../src/contracts/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { islands, mapElites, successiveHalving, tournament, treeSearch } from "../../../strategies/index.ts";
import { tinyRun } from "../../support/tiny-run.ts";

async function* stream(events: readonly RunEvent[]): AsyncIterable<RunEvent> {
  yield* events;
}

const MAKERS: readonly (readonly [string, () => Strategy])[] = [
  ["tournament", () => tournament({ crossover: 0.5 })],
  ["islands", () => islands({ of: mapElites({ adaptive: true }), count: 2, interval: 3 })],
  ["tree-search", () => treeSearch({ drafts: 2 })],
  ["successive-halving", () => successiveHalving({ eta: 2 })],
];

describe("replay", () => {
  test.each(MAKERS)(
    "%s: builds the population of the run, whatever order things ended in",
    async (_, make) => {
      for (const order of ["as-proposed", "as-finished"] as const) {
        const journal = memoryJournal();
        const budget = { proposals: 12, targetFitness: null, rounds: 16 };
        const run = await tinyRun(journal, { strategy: make(), order, parallel: 3, budget });
        const replayed = await auditJournal(stream(journal.events), make());
        expect(replayed.difference).toBeNull();
        expect(replayed).toMatchObject({ told: run.told, best: run.best.id, branches: run.branches.size });
        const again = await auditJournal(stream(journal.events), make());
        expect(again.population).toBe(replayed.population);
      }
    },
  );

  test("a run that was resumed replays too", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 3 });
    await tinyRun(journal, { proposals: 9 });
    expect((await auditJournal(stream(journal.events), tournament())).difference).toBeNull();
  });

  test("names the first decision that is not the strategy's", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 8, strategy: tournament() });
    const other = await auditJournal(stream(journal.events), tournament({ crossover: 1 }));
    expect(other.difference?.what).toMatch(/asks for .*"operator":"cross".*, the journal has .*"improve"/);
    expect(journal.events[other.difference?.event ?? 0]?.type).toBe("proposal-made");
    const forged = journal.events.map((event) =>
      event.type === "proposal-made" && event.proposal.number === 5
        ? { ...event, proposal: { ...event.proposal, island: 3 } }
        : event,
    );
    const found = await auditJournal(stream(forged), tournament());
    expect(found.difference?.what).toContain('"island":3');
  });

  test("a strategy that cannot be told any more is a difference", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 4 });
    const broken: Strategy = {
      ...tournament(),
      ask: () => {
        throw new Error("no more");
      },
    };
    const { difference } = await auditJournal(stream(journal.events), broken);
    expect(difference).toMatchObject({ event: 1 });
    expect(difference?.what).toContain("no more");
  });

  test("an empty journal is no run", async () => {
    await expect(auditJournal(stream([]), tournament())).rejects.toThrow("there is no run to audit");
  });
});
