import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { openRunStore, type RunStore, type RunStoreOptions } from "../../src/store/index.ts";
import { openToWrite } from "../../src/store/sqlite/run-db.ts";
import { sqliteEngine } from "../../src/store/sqlite.ts";
import { sampleBlob } from "../../src/testing/conformance/journal-samples.ts";
import { expectPlanned } from "./expect-run.ts";
import { planned } from "./planned-run.ts";
import { scratch } from "./scratch.ts";

const READ: RunStoreOptions = { mode: "read" };
const WRITE: RunStoreOptions = { mode: "write" };
const RESUME: RunStoreOptions = { mode: "write", mustExist: true };

describe("a run that is not there", () => {
  test.each([READ, RESUME])("is run-missing with %j, and nothing is made", async (options) => {
    const parent = scratch();
    const dir = join(parent, "run");
    const message = expect.stringContaining(`nbevolve run TASK --dir ${dir}`);
    await expect(openRunStore(dir, options)).rejects.toMatchObject({ code: "run-missing", message });
    mkdirSync(dir);
    await expect(openRunStore(dir, options)).rejects.toMatchObject({ code: "run-missing", message });
    expect(readdirSync(dir)).toEqual([]);
  });

  test("is run-missing to a reader while its database is still empty", async () => {
    const dir = scratch();
    writeFileSync(join(dir, "run.db"), "");
    await expect(openRunStore(dir, READ)).rejects.toMatchObject({ code: "run-missing" });
    await using store = await openRunStore(dir, WRITE);
    expect(await expectPlanned(store)).toBe(0);
  });

  test("is made with its parents", async () => {
    const dir = join(scratch(), "a b", "ö?#%20");
    await using store = await openRunStore(dir, WRITE);
    expect(store.dir).toBe(dir);
    expect(readdirSync(dir).sort()).toEqual(expect.arrayContaining(["branches", "journal.jsonl", "run.db"]));
  });
});

test("a closed run is one file of truth, its lock is free, and closing twice is closing once", async () => {
  const dir = await writtenRun(3);
  expect(existsSync(join(dir, "lock.json"))).toBe(false);
  const wal = join(dir, "run.db-wal");
  expect(existsSync(wal) ? readFileSync(wal).length : 0).toBe(0);
  const store = await openRunStore(dir, RESUME);
  await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()]);
  await expect(give(store, 3)).rejects.toMatchObject({ code: "journal-unwritable" });
});

test("a commit is on the disk before it is acknowledged", async () => {
  const db = await openToWrite(scratch());
  const setting = (name: string): unknown => db.prepare(`pragma ${name}`).all()[0]?.[name];
  // No crash of a process can show this: only a power cut could.
  expect({ mode: setting("journal_mode"), sync: setting("synchronous") }).toEqual({ mode: "wal", sync: 2 });
  db.close();
});

test("closing waits for the appends under way", async () => {
  const dir = scratch();
  const store = await openRunStore(dir, WRITE);
  const appends = [0, 1, 2].map((seq) => give(store, seq));
  await store[Symbol.asyncDispose]();
  await Promise.all(appends);
  await using again = await openRunStore(dir, READ);
  expect(await expectPlanned(again)).toBe(3);
});

test("a reader cannot append, and does not keep a writer out", async () => {
  const dir = await writtenRun(1);
  await using reader = await openRunStore(dir, READ);
  await expect(give(reader, 1)).rejects.toMatchObject({ code: "journal-unwritable" });
  await using writer = await openRunStore(dir, RESUME);
  await give(writer, 1);
  expect(await expectPlanned(reader)).toBe(2);
});

test("events carry the time at which they were appended", async () => {
  const dir = scratch();
  await using store = await openRunStore(dir, WRITE);
  const before = Date.now();
  await give(store, 0);
  for await (const { at } of store.readTimed(0)) {
    expect(Date.parse(at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
  }
});

describe("a run of a newer nbevolve", () => {
  test.each([READ, WRITE])("is refused for its schema with %j, and left alone", async (options) => {
    const dir = await writtenRun(1);
    await alter(dir, "pragma user_version=4");
    const before = readFileSync(join(dir, "run.db"));
    const message = expect.stringContaining("schema is version 4");
    await expect(openRunStore(dir, options)).rejects.toMatchObject({ code: "run-newer", message });
    expect(readFileSync(join(dir, "run.db")).equals(before)).toBe(true);
  });

  test("is refused for an event of an unknown type, by that type", async () => {
    const dir = await writtenRun(1);
    await alter(
      dir,
      `insert into event(seq, at, type, json) values(1, 'now', 'branch-merged', '{"type":"branch-merged"}')`,
    );
    await using store = await openRunStore(dir, READ);
    const message = expect.stringMatching(/event 1 holds an event of type "branch-merged"/);
    await expect(expectPlanned(store)).rejects.toMatchObject({ code: "run-newer", message });
  });

  test("is refused for a newer version of run-started", async () => {
    const dir = await writtenRun(1);
    await alter(dir, `update event set json = json_set(json, '$.version', 3) where seq = 0`);
    const message = expect.stringMatching(/"run-started" and version 3/);
    await expect(openRunStore(dir, WRITE)).rejects.toMatchObject({ code: "run-newer", message });
  });
});

describe("a damaged run", () => {
  test.each([READ, WRITE])("is run-corrupt when run.db is no database, with %j", async (options) => {
    const dir = scratch();
    writeFileSync(join(dir, "run.db"), "this was never a database\n".repeat(500));
    await expect(openRunStore(dir, options)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test("is run-corrupt when run.db is the database of something else", async () => {
    const dir = scratch();
    await alter(dir, "create table bookmark(url)");
    await expect(openRunStore(dir, WRITE)).rejects.toMatchObject({ code: "run-corrupt" });
    await expect(openRunStore(dir, READ)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test("is run-corrupt where pages were overwritten", async () => {
    const dir = await writtenRun(60);
    overwrite(join(dir, "run.db"), 8192);
    await expect(readWhole(dir)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test("is run-corrupt where an event's text is not one", async () => {
    const dir = await writtenRun(2);
    await alter(dir, `update event set json = '{"type":"turn-ended' where seq = 1`);
    await using store = await openRunStore(dir, READ);
    await expect(expectPlanned(store)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  test.each([
    ["trigger", "create trigger t after insert on event begin delete from event; end"],
    ["trigger", "create trigger t after insert on blob begin update event set json = '{}'; end"],
    ["trigger", "create trigger t instead of insert on v begin select 1; end", "create view v as select 1"],
    ["view", "create view v as select * from event"],
    ["view", "alter table event rename to e; create view event as select * from e"],
  ])("is run-corrupt where somebody put a %s into it: %s", async (_, sql, before = "") => {
    for (const options of [READ, WRITE]) {
      const dir = await writtenRun(3);
      await alter(dir, [before, sql].join(";"));
      const message = expect.stringMatching(/which no run has/);
      await expect(openRunStore(dir, options)).rejects.toMatchObject({ code: "run-corrupt", message });
    }
  });

  test("is run-corrupt where a blob's list of chunks names itself, or a blob is a bomb", async () => {
    const dir = await writtenRun(0);
    const text = sampleBlob("large ".repeat(1000));
    await using writer = await openRunStore(dir, { mode: "write" });
    await writer.append([], [text]);
    for (const bytes of [`x'${text.hash}'`, `x'${text.hash.repeat(50)}'`]) {
      await alter(dir, `update blob set codec = 'chunks', bytes = ${bytes} where sha256 = '${text.hash}'`);
      await expect(writer.readBlob(text.hash)).rejects.toMatchObject({ code: "run-corrupt" });
    }
    const bomb = deflateSync(Buffer.alloc(600 * 2 ** 20)).toString("hex");
    await alter(dir, `update blob set codec = 'deflate', bytes = x'${bomb}' where sha256 = '${text.hash}'`);
    await expect(writer.readBlob(text.hash)).rejects.toMatchObject({ code: "run-corrupt" });
  });

  const blobDamages = [
    ["short bytes", "bytes = zeroblob(3)"],
    ["no bytes", "bytes = x''"],
    ["bytes of another codec", "codec = iif(codec = 'raw', 'deflate', 'raw')"],
    ["an unknown codec", "codec = 'zstd'"],
  ] as const;
  test.each(blobDamages)("is run-corrupt where a blob has %s", async (_, change) => {
    const dir = await writtenRun(0);
    const texts = ["small", "large ".repeat(1000)].map((text) => sampleBlob(text));
    await using writer = await openRunStore(dir, WRITE);
    await writer.append([], texts);
    await alter(dir, `update blob set ${change}`);
    for (const { hash } of texts)
      await expect(writer.readBlob(hash)).rejects.toMatchObject({ code: "run-corrupt" });
  });
});

/** A run of so many planned events, closed. */
async function writtenRun(events: number): Promise<string> {
  const dir = scratch();
  await using store = await openRunStore(dir, WRITE);
  for (let seq = 0; seq < events; seq++) await give(store, seq);
  return dir;
}

async function readWhole(dir: string): Promise<void> {
  await using store = await openRunStore(dir, READ);
  await expectPlanned(store);
}

function give(store: RunStore, seq: number): Promise<void> {
  const { events, blobs } = planned(seq);
  return store.append(events, blobs);
}

async function alter(dir: string, sql: string): Promise<void> {
  const db = (await sqliteEngine())(join(dir, "run.db"));
  db.exec(`${sql}; pragma wal_checkpoint(truncate);`);
  db.close();
}

/** Everything from a position on becomes rubbish. */
function overwrite(file: string, position: number): void {
  const rubbish = Buffer.alloc(readFileSync(file).length - position, "rubbish");
  const opened = openSync(file, "r+");
  writeSync(opened, rubbish, 0, rubbish.length, position);
  closeSync(opened);
}
