// A run read back: the same value that its controller had, at once, in parts, and while it goes on.
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  branchesInOrder,
  findBranch,
  followHistory,
  lineage,
  readHistory,
  readSteps,
  scoreCourse,
  type History,
} from "../../src/history/index.ts";
import { blobsOf } from "../../src/core/run/blobs-of.ts";
import { openRunStore } from "../../src/store/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { tinyRun } from "../support/tiny-run.ts";
import { scratch } from "../store/scratch.ts";

test("what is read event by event, from anywhere on, is what the run's controller has", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        parallel: fc.integer({ min: 1, max: 3 }),
        rounds: fc.integer({ min: 1, max: 2 }),
        reproduce: fc.constantFrom("best" as const, "all" as const),
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (options, share) => {
        const journal = memoryJournal();
        const { population, ...history } = await tinyRun(journal, options);
        expect(population).toBeDefined();
        expect(await readHistory(journal)).toEqual(history);

        const steps = [];
        for await (const step of readSteps(journal)) steps.push(step);
        expect(steps.map(({ event }) => event)).toEqual(journal.events);
        const since = steps[Math.floor(share * (steps.length - 1))]?.history;
        expect(await readHistory(journal, { since })).toEqual(history);
      },
    ),
    { numRuns: 12 },
  );
});

test("its counts are those of its events", async () => {
  const journal = memoryJournal();
  const history: History = await tinyRun(journal, {
    proposals: 12,
    rounds: 2,
    parallel: 3,
    reproduce: "all",
  });
  const events = (type: string): number => journal.events.filter((event) => event.type === type).length;
  const ended = history.ended.toArray();
  const branches = branchesInOrder(history);
  expect(history).toMatchObject({
    events: journal.events.length,
    proposals: events("proposal-made"),
    told: events("proposal-told"),
    rounds: events("round-ended"),
    failures: ended.filter(({ outcome }) => !outcome.ok).length,
    startedMs: null,
    latestMs: null,
  });
  expect([ended.length, branches.length]).toEqual([12, history.branches.size]);
  expect(ended.reduce((sum, { rounds }) => sum + rounds.length, 0)).toBe(history.rounds);
  expect(ended.reduce((sum, { restores }) => sum + restores.length, 0)).toBe(events("kernel-restored"));
  expect(history.reproduced.size).toBe(events("branch-reproduced"));
  expect(branches[0]).toEqual(history.founder);
  for (const branch of branches) {
    const line = lineage(history, branch.id);
    expect(line.map(({ parents }) => parents[0])).toEqual([...line.slice(1).map(({ id }) => id), undefined]);
    expect(line.at(-1)).toEqual(history.founder);
  }
  expect(findBranch(history, "best", "run")).toEqual(history.best);
  expect(() => findBranch(history, "b99", "run")).toThrow(/run has no branch b99; it has b0, b1/);
});

test("its course of scores never falls, ends at the best, and names every episode in the order asked for", async () => {
  const history = await tinyRun(memoryJournal(), { proposals: 12, parallel: 3, order: "as-finished" });
  for (const order of ["ended", "proposed"] as const) {
    const course = scoreCourse(history, order);
    const fitness = course.map(({ best }) => best.score.fitness);
    expect(fitness).toEqual(fitness.toSorted((a, b) => a - b));
    expect(course.at(-1)?.best.score.fitness).toBe(history.best.score.fitness);
    expect(course).toHaveLength(13);
  }
  const numbers = scoreCourse(history, "proposed").flatMap(({ proposal }) => proposal ?? []);
  expect(numbers).toEqual(Array.from({ length: 12 }, (_, i) => `p${i + 1}`));
});

test("a reader follows a run that another connection writes, with the time of each event", async () => {
  const dir = join(scratch(), "run");
  const played = memoryJournal();
  await tinyRun(played, { proposals: 3 });
  const blobs = await Promise.all(
    [...new Set(played.events.flatMap(blobsOf))].map(async (hash) => ({
      hash,
      bytes: await played.readBlob(hash),
    })),
  );
  await using writer = await openRunStore(dir, { mode: "write" });
  const [first, ...rest] = played.events;
  if (first === undefined) throw new Error("the run has no event");
  await writer.append([first], blobs);

  const reader = new AbortController();
  const seen: History[] = [];
  for await (const { seq, event, history } of followHistory(dir, { signal: reader.signal, everyMs: 1 })) {
    expect([seq, event]).toEqual([seen.length, played.events[seq]]);
    seen.push(history);
    const next = rest.shift();
    if (next === undefined) reader.abort();
    else await writer.append([next]);
  }
  const whole = await readHistory(dir);
  expect(seen.at(-1)).toEqual(whole);
  const times = [];
  for await (const { at } of writer.readTimed(0)) times.push(Date.parse(at));
  expect(seen.map(({ latestMs }) => latestMs)).toEqual(times);
  expect([whole.startedMs, whole.latestMs]).toEqual([times[0], times.at(-1)]);

  const since = seen[4];
  const again = [];
  for await (const { event } of readSteps(writer, { since })) again.push(event);
  expect(again).toEqual(played.events.slice(5));
});

test("a directory or a journal without a run is refused by name", async () => {
  await expect(readHistory(memoryJournal())).rejects.toThrow(
    /the journal holds no run: its founder was never/,
  );
  const dir = join(scratch(), "run");
  await using store = await openRunStore(dir, { mode: "write" });
  await expect(readHistory(store)).rejects.toThrow(`--dir ${dir}`);
  await expect(readHistory(join(dir, "none"))).rejects.toMatchObject({ code: "run-missing" });
});
