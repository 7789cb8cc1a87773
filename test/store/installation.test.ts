// A run is its maker's by a mark with the key of the user's state folder, wherever its directory goes.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { fork } from "node:child_process";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { markOf } from "../../src/store/installation.ts";
import { openRunStore } from "../../src/store/index.ts";
import { sqliteEngine } from "../../src/store/sqlite.ts";
import { planned } from "./planned-run.ts";
import { scratch } from "./scratch.ts";

let state = "";
beforeEach(() => {
  state = join(scratch(), "state");
  useState(state);
});

describe("a run that was made here is trusted", () => {
  const ways: readonly [string, (dir: string) => Promise<string> | string][] = [
    ["where it is", (dir) => dir],
    ["moved", (dir) => moved(dir)],
    ["copied", (dir) => copied(dir)],
    ["as run.db alone", (dir) => dbAlone(dir)],
    ["while the state folder cannot be written", (dir) => (chmodSync(state, 0o500), dir)],
    ["after the state folder itself was moved", (dir) => (useState(moved(state)), dir)],
    ["after others were made", async (dir) => (await writeRun(join(scratch(), "other")), dir)],
  ];
  test.each(ways)("%s", async (_, go) => {
    onTestFinished(() => void (existsSync(state) && chmodSync(state, 0o700)));
    expect(await isTrusted(await go(await writeRun()))).toBe(true);
  });
});

describe("any other is not", () => {
  const ways: readonly [string, (dir: string) => Promise<void> | void][] = [
    ["of another user or machine", () => useState(join(scratch(), "theirs"))],
    [
      "of another whose key is there",
      async () => (useState(join(scratch(), "theirs")), void (await writeRun())),
    ],
    ["once the key is lost", () => rmSync(join(state, "key"))],
    ["while the key is no key", () => writeFileSync(join(state, "key"), "short")],
    ["with a folder in the key's place", () => (rmSync(join(state, "key")), mkdirSync(join(state, "key")))],
    [
      "whose first event was changed",
      (dir) =>
        alter(
          dir,
          "update event set json = json_set(json, '$.settings.origin.strategy', './x.mjs') where seq = 0",
        ),
    ],
    ["whose mark was taken away", (dir) => alter(dir, "delete from mark")],
    ["whose mark was made up", (dir) => alter(dir, "update mark set value = 'x'")],
    ["that came with the mark of another run", async (dir) => alterMark(dir, await writeRun(undefined, 5))],
    [
      "of a version without marks",
      (dir) => alter(dir, "drop table mark; alter table event drop column chain; pragma user_version=2"),
    ],
  ];
  test.each(ways)("%s", async (_, change) => {
    const dir = await writeRun();
    await change(dir);
    expect(await isTrusted(dir)).toBe(false);
  });

  test("until it is trusted once, by each of its users", async () => {
    const dir = await writeRun();
    for (const name of ["second", "third"]) {
      useState(join(scratch(), name));
      expect(await isTrusted(dir)).toBe(false);
      await using store = await openRunStore(dir, { mode: "write" });
      store.trust();
      expect(store.isTrusted()).toBe(true);
    }
    useState(state);
    expect(await isTrusted(dir)).toBe(true);
  });
});

test("the key is this user's alone, is made once, and looking makes none", async () => {
  expect(markOf("{}")).toBeNull();
  await writeRun();
  const key = readFileSync(join(state, "key"), "utf8");
  expect(key).toMatch(/^[\w-]{43}\n$/);
  await writeRun(join(scratch(), "second"));
  expect(readFileSync(join(state, "key"), "utf8")).toBe(key);
  expect(readdirSync(state)).toEqual(["key"]);
  if (process.platform === "win32") return;
  expect(statSync(state).mode & 0o077).toBe(0);
  expect(statSync(join(state, "key")).mode & 0o077).toBe(0);
});

test("a run is made where no key can be, and is not trusted", async () => {
  const file = join(scratch(), "file");
  writeFileSync(file, "");
  useState(join(file, "state"));
  expect(await isTrusted(await writeRun())).toBe(false);
});

test("processes that make the key at the same moment have the same one", async () => {
  const module = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "src/store/installation.js");
  const script = join(scratch(), "mark.mjs");
  writeFileSync(script, `import { makeMark } from ${JSON.stringify(module)}; process.send(makeMark("{}"));`);
  const marks = await Promise.all(
    Array.from(
      { length: 6 },
      () =>
        new Promise((resolve) =>
          fork(script, { env: { ...process.env, NBEVOLVE_STATE: state } }).once("message", resolve),
        ),
    ),
  );
  expect(new Set(marks)).toEqual(new Set([markOf("{}")]));
});

function useState(folder: string): void {
  vi.stubEnv("NBEVOLVE_STATE", folder);
}

async function writeRun(dir = join(scratch(), "run"), seq = 0): Promise<string> {
  await using store = await openRunStore(dir, { mode: "write" });
  const { events, blobs } = planned(seq);
  await store.append(events, blobs);
  return dir;
}

async function isTrusted(dir: string): Promise<boolean> {
  await using store = await openRunStore(dir, { mode: "read" });
  return store.isTrusted();
}

async function alter(dir: string, sql: string): Promise<void> {
  const db = (await sqliteEngine())(join(dir, "run.db"));
  db.exec(sql);
  db.close();
}

async function alterMark(dir: string, other: string): Promise<void> {
  await alter(
    dir,
    `attach '${join(other, "run.db")}' as other; delete from mark; insert into mark select value from other.mark`,
  );
}

function moved(dir: string): string {
  const to = join(scratch(), "moved");
  renameSync(dir, to);
  return to;
}

function copied(dir: string): string {
  const to = join(scratch(), "copied");
  cpSync(dir, to, { recursive: true });
  return to;
}

function dbAlone(dir: string): string {
  const to = scratch();
  cpSync(join(dir, "run.db"), join(to, "run.db"));
  return to;
}
