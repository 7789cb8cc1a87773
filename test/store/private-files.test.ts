// A run directory is its owner's alone, and nothing in it leads out.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { describeOtherReaders, openRunStore, sendCommand } from "../../src/store/index.ts";
import { runCompiled } from "../support/compiled.ts";
import { planned } from "./planned-run.ts";
import { scratch } from "./scratch.ts";

const umask = process.umask();
afterEach(() => process.umask(umask));
const hasModes = process.platform !== "win32";

describe.runIf(hasModes)("modes", () => {
  test.each([0o000, 0o002, 0o022, 0o027, 0o077])("with the umask %o others see nothing", async (mask) => {
    process.umask(mask);
    const dir = join(scratch(), "above", "run");
    await writeRun(dir);
    await sendCommand(dir, { kind: "steer", note: "n", branch: null, proposals: 1 });
    for (const name of ["", ...readdirSync(dir, { recursive: true, encoding: "utf8" })])
      expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0]);
    expect(describeOtherReaders(dir)).toBeNull();
    expect(existsSync(join(dir, "journal.jsonl"))).toBe(true);
  });

  test.each([
    [0o755, "look into"],
    [0o750, "look into"],
    [0o711, "look into"],
    [0o775, "write to"],
    [0o777, "write to"],
  ])("a directory of mode %o is left as it is and told of; files in it are private", async (mode, what) => {
    const dir = join(scratch(), "run");
    mkdirSync(dir);
    chmodSync(dir, mode);
    await writeRun(dir);
    expect(statSync(dir).mode & 0o777).toBe(mode);
    expect(describeOtherReaders(dir)).toContain(what);
    expect(describeOtherReaders(dir)).toContain(`chmod -R go= ${dir}`);
    for (const name of readdirSync(dir))
      expect([name, statSync(join(dir, name)).mode & 0o077]).toEqual([name, 0]);
  });
});

const FILES = ["run.db", "run.db-wal", "lock.db", "lock.json", "journal.jsonl", "best.ipynb"];
const FOLDERS = ["branches", "inbox", "kernels", "workspaces"];

describe.runIf(hasModes)(
  "a directory with a link in it is refused, and nothing is written through it",
  () => {
    test.each([...FILES, ...FOLDERS])("%s", async (name) => {
      const { dir, outside } = await runWithOutside();
      rmSync(join(dir, name), { recursive: true, force: true });
      const target = join(outside, FOLDERS.includes(name) ? "folder" : "file");
      symlinkSync(target, join(dir, name));
      for (const mode of ["write", "read"] as const)
        await expect(openRunStore(dir, { mode })).rejects.toMatchObject({
          code: "run-corrupt",
          message: expect.stringContaining(`${join(dir, name)} is a link`),
        });
      expectUntouched(outside);
    });

    test.each(["run.db", "journal.jsonl", "lock.json", "best.ipynb", "lock.db"])(
      "%s as a pipe",
      async (name) => {
        const { dir } = await runWithOutside();
        rmSync(join(dir, name), { force: true });
        execFileSync("mkfifo", [join(dir, name)]);
        await expect(openRunStore(dir, { mode: "write" })).rejects.toMatchObject({ code: "run-corrupt" });
      },
    );

    test.each([join("branches", "founder.ipynb"), join("branches", ".founder.ipynb.tmp"), ".best.ipynb.tmp"])(
      "%s as a link is replaced, or stops the run; what it leads to stays",
      async (name) => {
        const { dir, outside } = await runWithOutside();
        rmSync(join(dir, name), { force: true });
        rmSync(join(dir, "branches", "founder.ipynb"), { force: true });
        rmSync(join(dir, "best.ipynb"));
        symlinkSync(join(outside, "file"), join(dir, name));
        await openRunStore(dir, { mode: "write" }).then(
          (store) => store[Symbol.asyncDispose](),
          () => undefined,
        );
        expectUntouched(outside);
      },
    );

    test("a branch that is a pipe holds nothing up", async () => {
      const { dir } = await runWithOutside();
      const branch = join(dir, "branches", "founder.ipynb");
      rmSync(branch);
      execFileSync("mkfifo", [branch]);
      await using _ = await openRunStore(dir, { mode: "write" });
      expect(readFileSync(branch, "utf8")).toContain("the notebook of founder");
    });
  },
);

test("a directory that is itself reached through a link, or was moved or copied by hard links, opens", async () => {
  const dir = join(scratch(), "run");
  await writeRun(dir);
  const link = join(scratch(), "link");
  symlinkSync(dir, link);
  await using _ = await openRunStore(link, { mode: "read" });
  const copy = join(scratch(), "copy");
  mkdirSync(copy);
  linkSync(join(dir, "run.db"), join(copy, "run.db"));
  await using __ = await openRunStore(copy, { mode: "read" });
  const moved = join(scratch(), "moved");
  renameSync(dir, moved);
  await using ___ = await openRunStore(moved, { mode: "read" });
});

async function runWithOutside(): Promise<{ dir: string; outside: string }> {
  const dir = join(scratch(), "run");
  await writeRun(dir);
  const outside = scratch();
  writeFileSync(join(outside, "file"), "mine");
  mkdirSync(join(outside, "folder"));
  return { dir, outside };
}

function expectUntouched(outside: string): void {
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("mine");
  expect(readdirSync(join(outside, "folder"))).toEqual([]);
}

test("a run that is opened again by its own process keeps its locks: closing any of a file's descriptors would give them up", async () => {
  const dir = join(scratch(), "run");
  await using store = await openRunStore(dir, { mode: "write" });
  await expect(openRunStore(dir, { mode: "write" })).rejects.toMatchObject({ code: "run-locked" });
  await using reader = await openRunStore(dir, { mode: "read" });
  expect([store.dir, reader.dir]).toEqual([dir, dir]);
  const open = `openRunStore(${JSON.stringify(dir)}, { mode: "write" })`;
  const other = await runCompiled(
    "src/store/index.ts",
    `async ({ openRunStore }) => console.log(await ${open}.then(() => "opened", ({ code }) => code))`,
  );
  const said: unknown[] = await once(other.stdout, "data");
  expect(String(said[0])).toBe("run-locked\n");
});

async function writeRun(dir: string): Promise<void> {
  await using store = await openRunStore(dir, { mode: "write" });
  const { events, blobs } = planned(0);
  await store.append(events, blobs);
}
