// A database that was lost, emptied, cut off or put back from an older copy: the readable files beside it are the last copies,
// and no run that is started or gone on with there writes over them.
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRunStore, type RunStore } from "../../src/store/index.ts";
import { sqliteEngine } from "../../src/store/sqlite.ts";
import { expectMirrors, expectPlanned } from "./expect-run.ts";
import { planned } from "./planned-run.ts";
import { scratch } from "./scratch.ts";

const EVENTS = 12;
/** None of them comes out of the planned run. */
const OTHER = 40;

describe("a run is refused where its database is gone, and nothing there is changed", () => {
  const losses: readonly [string, (dir: string) => void][] = [
    ["an empty run.db", (dir) => writeFileSync(join(dir, "run.db"), "")],
    ["no run.db", (dir) => rmSync(join(dir, "run.db"))],
    ["text in place of run.db", (dir) => writeFileSync(join(dir, "run.db"), "not a database\n".repeat(500))],
    ["a run.db cut to its first page", (dir) => truncateSync(join(dir, "run.db"), 4096)],
    ["a run.db cut within its first page", (dir) => truncateSync(join(dir, "run.db"), 1000)],
    ["a run.db of zeros", (dir) => writeFileSync(join(dir, "run.db"), Buffer.alloc(8192))],
    ["run.db-wal alone", (dir) => keepOnly(dir, "run.db-wal")],
    ["branches alone", (dir) => keepOnly(dir, "branches")],
    ["journal.jsonl alone", (dir) => keepOnly(dir, "journal.jsonl")],
    ["best.ipynb alone", (dir) => keepOnly(dir, "best.ipynb")],
    [
      "an empty run.db beside its log",
      (dir) => {
        writeFileSync(join(dir, "run.db-wal"), Buffer.alloc(4096, 7));
        writeFileSync(join(dir, "run.db"), "");
      },
    ],
  ];

  test.each(losses)("%s", async (_, lose) => {
    const dir = await writtenRun();
    lose(dir);
    const before = readableFiles(dir);
    for (const options of [{ mode: "write" }, { mode: "write", mustExist: true }, { mode: "read" }] as const)
      await expect(readAll(dir, options)).rejects.toMatchObject({ code: "run-corrupt" });
    expect(readableFiles(dir)).toEqual(before);
  });

  test("the message names what is there and how to go on from it", async () => {
    const dir = await writtenRun();
    rmSync(join(dir, "run.db"));
    const thrown = await openRunStore(dir, { mode: "write" }).catch((error: unknown) => String(error));
    expect(thrown).toMatch(/journal\.jsonl \([\d,]+ bytes\), best\.ipynb .*branches \(3 notebooks\)/);
    expect(thrown).toContain("Restore run.db from a backup");
    expect(thrown).toContain(`nbevolve inject THAT_RUN ${join(dir, "best.ipynb")}`);
  });
});

describe("files that the journal does not account for are moved away, whole", () => {
  const changes: readonly [string, (dir: string) => Promise<void> | void][] = [
    ["a run.db of before the last events", (dir) => alter(dir, "delete from event where seq > 5")],
    ["a run.db of before the first event", (dir) => alter(dir, "delete from event")],
    ["a run.db that was never written to", (dir) => replaceDatabase(dir, 0)],
    ["the run.db of another run", (dir) => replaceDatabase(dir, OTHER)],
    [
      "notebooks beside a run.db without an event",
      async (dir) => {
        await alter(dir, "delete from event");
        rmSync(join(dir, "journal.jsonl"));
      },
    ],
  ];

  test.each(changes)("%s", async (_, change) => {
    const dir = await writtenRun();
    await change(dir);
    const before = readableFiles(dir);
    await using store = await openRunStore(dir, { mode: "write" });
    expect(store.keptIn).toBe(join(dir, "kept-1"));
    const after = readableFiles(dir);
    const here = new Set(Object.values(after));
    for (const text of Object.values(before)) expect(here).toContain(text);
    for await (const { seq } of store.readTimed(0))
      expect(after["journal.jsonl"]).toContain(`{"seq":${seq},`);
  });

  test("a second time into a folder of their own, and a whole run moves nothing", async () => {
    const dir = await writtenRun();
    for (const folder of ["kept-1", "kept-2"]) {
      await alter(dir, "delete from event where seq = (select max(seq) from event)");
      await using store = await openRunStore(dir, { mode: "write" });
      expect(store.keptIn).toBe(join(dir, folder));
    }
    await using again = await openRunStore(dir, { mode: "write" });
    expect(again.keptIn).toBeNull();
    expectMirrors(dir, await expectPlanned(again));
  });
});

async function writtenRun(first = 0): Promise<string> {
  const dir = join(scratch(), "run");
  await using store = await openRunStore(dir, { mode: "write" });
  for (let seq = first; seq < first + EVENTS; seq++) await give(store, seq);
  return dir;
}

async function give(store: RunStore, seq: number): Promise<void> {
  const { events, blobs } = planned(seq);
  await store.append(events, blobs);
}

async function readAll(dir: string, options: Parameters<typeof openRunStore>[1]): Promise<void> {
  await using store = await openRunStore(dir, options);
  for await (const _ of store.read(0)) continue;
}

/** Opens it to write as another run would be. */
async function replaceDatabase(dir: string, first: number): Promise<void> {
  const other = first === 0 ? await emptyRun() : await writtenRun(first);
  renameSync(join(other, "run.db"), join(dir, "run.db"));
}

async function emptyRun(): Promise<string> {
  const dir = join(scratch(), "empty");
  await using _ = await openRunStore(dir, { mode: "write" });
  return dir;
}

async function alter(dir: string, sql: string): Promise<void> {
  const db = (await sqliteEngine())(join(dir, "run.db"));
  db.exec(sql);
  db.close();
}

function keepOnly(dir: string, name: string): void {
  if (name === "run.db-wal") writeFileSync(join(dir, name), Buffer.alloc(4096, 7));
  for (const other of readdirSync(dir)) if (other !== name) rmSync(join(dir, other), { recursive: true });
}

/** The text of each readable file, wherever it lies. */
function readableFiles(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const readable = names.filter((name) => /\.(ipynb|jsonl)$/.test(name));
  return Object.fromEntries(readable.map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}
