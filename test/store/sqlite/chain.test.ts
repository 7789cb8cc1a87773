// The chain of the journal's rows: every change of a row, its place or its neighbours shows where it is.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { watchChain, watchedJournal, type ChainFacts } from "../../../src/history/index.ts";
import { openRunStore, type RunStore } from "../../../src/store/index.ts";
import { sqliteEngine } from "../../../src/store/sqlite.ts";
import { planned } from "../planned-run.ts";
import { scratch } from "../scratch.ts";

const EVENTS = 20;
const WHOLE: ChainFacts = { held: EVENTS, unchained: 0, brokenAt: null };

test("the chain of a run holds, in one session or in several, by one append or many, and while it is written", async () => {
  const dir = scratch();
  for (let seq = 0; seq < EVENTS; seq += 5) {
    await using store = await openRunStore(dir, { mode: "write" });
    await Promise.all([0, 1, 2, 3, 4].map((i) => give(store, seq + i)));
    await using reader = await openRunStore(dir, { mode: "read" });
    expect(await factsOf(reader)).toEqual({ ...WHOLE, held: seq + 5 });
  }
  await using store = await openRunStore(dir, { mode: "read" });
  expect(await factsOf(store, 7)).toEqual({ ...WHOLE, held: EVENTS - 7 });
});

describe("a change shows at the event where it is", () => {
  const changes: readonly [string, string, number][] = [
    ["an event's words", "update event set json = json_set(json, '$.x', 1) where seq = 7", 7],
    ["the first event", "update event set json = json_set(json, '$.seed', 8) where seq = 0", 0],
    [
      "the last event",
      `update event set json = json_set(json, '$.x', 1) where seq = ${EVENTS - 1}`,
      EVENTS - 1,
    ],
    ["a time", "update event set at = '2001-01-01T00:00:00.000Z' where seq = 3", 3],
    ["a hash", "update event set chain = (select chain from event where seq = 4) where seq = 9", 9],
    ["a hash taken away", "update event set chain = null where seq = 12", 12],
    ["all hashes from one on", "update event set chain = null where seq >= 12", 12],
    [
      "two events exchanged",
      "update event set seq = -1 where seq = 5; update event set seq = 5 where seq = 6; update event set seq = 6 where seq = -1",
      5,
    ],
    [
      "an event taken out and the others moved up",
      "delete from event where seq = 8; update event set seq = seq - 1 where seq > 8",
      8,
    ],
    [
      "an event put in",
      `update event set seq = -seq - 1 where seq >= 15; update event set seq = -seq where seq < 0;
       insert into event select 15, at, type, json, chain from event where seq = 14`,
      15,
    ],
  ];
  test.each(changes)("%s", async (_, sql, at) => {
    const dir = await writtenRun();
    await alter(dir, sql);
    await using store = await openRunStore(dir, { mode: "read" });
    expect(await factsOf(store)).toMatchObject({ brokenAt: at });
  });
});

test.each([0, 1, 8, EVENTS - 2])(
  "a journal without its event %d is run-corrupt, and names it",
  async (seq) => {
    const dir = await writtenRun();
    await alter(dir, `delete from event where seq = ${seq}`);
    await using store = await openRunStore(dir, { mode: "read" });
    const message = expect.stringContaining(`event ${seq} is missing`);
    await expect(factsOf(store)).rejects.toMatchObject({ code: "run-corrupt", message });
  },
);

test("events of a version without a chain are told apart, and those that follow are chained", async () => {
  const dir = await writtenRun();
  await alter(dir, "alter table event drop column chain; drop table mark; pragma user_version = 2");
  {
    await using reader = await openRunStore(dir, { mode: "read" });
    expect(await factsOf(reader)).toEqual({ held: 0, unchained: EVENTS, brokenAt: null });
  }
  await using store = await openRunStore(dir, { mode: "write" });
  await give(store, EVENTS);
  await give(store, EVENTS + 1);
  expect(await factsOf(store)).toEqual({ held: 2, unchained: EVENTS, brokenAt: null });
  await alter(dir, `update event set at = 'x' where seq = ${EVENTS}`);
  expect(await factsOf(store)).toMatchObject({ brokenAt: EVENTS });
});

async function writtenRun(): Promise<string> {
  const dir = scratch();
  await using store = await openRunStore(dir, { mode: "write" });
  for (let seq = 0; seq < EVENTS; seq++) await give(store, seq);
  return dir;
}

async function give(store: RunStore, seq: number): Promise<void> {
  const { events, blobs } = planned(seq);
  await store.append(events, blobs);
}

async function factsOf(store: RunStore, from = 0): Promise<ChainFacts> {
  const watch = watchChain();
  for await (const _ of watchedJournal(store, watch).read(from)) continue;
  return watch.facts();
}

async function alter(dir: string, sql: string): Promise<void> {
  const db = (await sqliteEngine())(join(dir, "run.db"));
  db.exec(sql);
  db.close();
}
