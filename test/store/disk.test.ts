import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRunStore, type RunStore } from "../../src/store/index.ts";
import { openToWrite } from "../../src/store/sqlite/run-db.ts";
import { storeError } from "../../src/store/store-error.ts";
import { SQLITE, sqliteCode } from "../../src/store/sqlite/sqlite.ts";
import { tablesOf } from "../../src/store/sqlite/tables.ts";
import { expectMirrors, expectPlanned } from "./expect-run.ts";
import { planned } from "./planned-run.ts";
import { canMount, disk, readOnlyView, remount, scratch } from "./scratch.ts";

describe.skipIf(!canMount)("on a disk of its own (needs the right to mount one)", () => {
  test("a full disk is disk-full; nothing of that append is kept, and with more room it goes on", async () => {
    const dir = disk("size=768k");
    await using store = await openRunStore(dir, { mode: "write" });
    const full = await appendUntilRefused(store);
    expect(full.error).toMatchObject({ code: "disk-full", message: expect.stringContaining("make room") });
    expect(await expectPlanned(store)).toBe(full.kept);
    await expect(give(store, full.kept)).rejects.toMatchObject({ code: "disk-full" });

    remount(dir, "size=8m");
    for (let seq = full.kept; seq < full.kept + 20; seq++) await give(store, seq);
    expect(await expectPlanned(store)).toBe(full.kept + 20);
    expectMirrors(dir, full.kept + 20);
  });

  test("a run that was closed on a full disk can be read there, and goes on with more room", async () => {
    const dir = disk("size=768k");
    const store = await openRunStore(dir, { mode: "write" });
    const { kept } = await appendUntilRefused(store);
    await store[Symbol.asyncDispose]();
    await using reader = await openRunStore(dir, { mode: "read" });
    expect(await expectPlanned(reader)).toBe(kept);

    remount(dir, "size=8m");
    await using again = await openRunStore(dir, { mode: "write", mustExist: true });
    await give(again, kept);
    expect(await expectPlanned(again)).toBe(kept + 1);
    expectMirrors(dir, kept + 1);
  });

  test("a run cannot be begun on a full disk", async () => {
    const dir = disk("size=256k");
    expect(() => writeFileSync(join(dir, "filler"), Buffer.alloc(300_000))).toThrow("ENOSPC");
    const run = join(dir, "run");
    await expect(openRunStore(run, { mode: "write" })).rejects.toMatchObject({ code: "disk-full" });
    rmSync(join(dir, "filler"));
    await using store = await openRunStore(run, { mode: "write" });
    expect(await expectPlanned(store)).toBe(0);
  });

  test("a run on a read-only disk is journal-unwritable, and can be read", async () => {
    const dir = disk("size=4m");
    await writePlanned(join(dir, "run"), 6);
    for (const file of ["run.db-wal", "run.db-shm"]) rmSync(join(dir, "run", file), { force: true });
    const view = join(readOnlyView(dir), "run");
    await expect(openRunStore(view, { mode: "write" })).rejects.toMatchObject({ code: "journal-unwritable" });
    await using reader = await openRunStore(view, { mode: "read" });
    expect(await expectPlanned(reader)).toBe(6);
    await expect(openRunStore(join(view, "new"), { mode: "write" })).rejects.toMatchObject({
      code: "journal-unwritable",
      message: expect.stringContaining("see that the directory can be written to"),
    });
  });
});

test.skipIf(process.getuid?.() === 0)(
  "a directory without the right to write is journal-unwritable",
  async () => {
    const dir = join(scratch(), "run");
    mkdirSync(dir, { mode: 0o555 });
    try {
      await expect(openRunStore(dir, { mode: "write" })).rejects.toMatchObject({
        code: "journal-unwritable",
      });
    } finally {
      chmodSync(dir, 0o755);
    }
  },
);

test("a file where the directory should be is journal-unwritable", async () => {
  const file = join(scratch(), "run");
  writeFileSync(file, "");
  await expect(openRunStore(file, { mode: "write" })).rejects.toMatchObject({ code: "journal-unwritable" });
  await expect(openRunStore(file, { mode: "read" })).rejects.toMatchObject({ code: "run-missing" });
});

test("a database that may not grow rolls a call back, whole, and stays usable", async () => {
  const dir = scratch();
  const db = await openToWrite(dir);
  const tables = tablesOf(db);
  const call = (bytes: number, hash: string) => ({
    events: [{ event: { type: "run-stopped", reason: "budget" }, json: "{}" } as const],
    blobs: [{ hash, bytes: new Uint8Array(bytes), codec: "raw" } as const],
  });
  tables.commit([call(10, "a")], "now");
  db.exec("pragma max_page_count=20");
  const thrown = thrownBy(() => tables.commit([call(10, "b"), call(200_000, "c")], "now"));
  expect(sqliteCode(thrown)).toBe(SQLITE.full);
  expect(storeError(thrown, dir, "appending events")).toMatchObject({ code: "disk-full", cause: thrown });
  expect([tables.hasBlob("a"), tables.hasBlob("b"), tables.hasBlob("c")]).toEqual([true, false, false]);
  tables.commit([call(10, "b")], "now");
  expect([...tables.events(0)].map(({ seq }) => seq)).toEqual([0, 1]);
  db.close();
});

test("a database that another program holds is journal-unwritable", async () => {
  const dir = scratch();
  const [ours, theirs] = [await openToWrite(dir), await openToWrite(dir)];
  theirs.exec("begin immediate");
  ours.exec("pragma busy_timeout=0");
  const thrown = thrownBy(() => tablesOf(ours).commit([], "now"));
  expect(sqliteCode(thrown)).toBe(SQLITE.busy);
  expect(storeError(thrown, dir, "appending events")).toMatchObject({ code: "journal-unwritable" });
  theirs.close();
  ours.close();
});

test("what is not a store's trouble is handed on as it is", () => {
  const mistake = new TypeError("a mistake");
  expect(storeError(mistake, "/nowhere", "testing")).toBe(mistake);
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}

async function appendUntilRefused(store: RunStore): Promise<{ kept: number; error: unknown }> {
  for (let seq = 0; ; seq++) {
    try {
      await give(store, seq);
    } catch (error) {
      return { kept: seq, error };
    }
  }
}

async function writePlanned(dir: string, count: number): Promise<void> {
  await using store = await openRunStore(dir, { mode: "write" });
  for (let seq = 0; seq < count; seq++) await give(store, seq);
  expect(existsSync(join(dir, "best.ipynb"))).toBe(true);
}

function give(store: RunStore, seq: number): Promise<void> {
  const { events, blobs } = planned(seq);
  return store.append(events, blobs);
}
