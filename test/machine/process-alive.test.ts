import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownFolder, findStale } from "../../src/machine/private-folder.ts";
import { mayBeAlive } from "../../src/machine/process-alive.ts";
import { sweep } from "../../src/machine/python/cache.ts";

let root = "";
let dead = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-alive-"));
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  dead = child.pid ?? 0;
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Groups of processes, and numbers that no process has. */
const NO_PROCESS = [0, -1, -99_999_999, NaN, Infinity, 2 ** 31, 2 ** 53];

test.each([process.pid, 1, 1.5, ...NO_PROCESS])("of %d it is not known that it has ended", (pid) => {
  expect(mayBeAlive(pid)).toBe(true);
});

test("of a process that has ended it is known", () => {
  expect(mayBeAlive(dead)).toBe(false);
});

describe("what is removed as left behind is the same everywhere", () => {
  test.each([...NO_PROCESS, "of a dead process"] as const)("%s", async (whose) => {
    const isLeft = typeof whose === "string";
    const pid = isLeft ? dead : whose;
    const parent = await mkdtemp(join(root, "folders-"));
    const folder = await ownFolder(parent);
    const owner = join(folder, "owner");
    await writeFile(owner, JSON.stringify({ ...JSON.parse(await readFile(owner, "utf8")), pid }));
    expect(await findStale(parent)).toEqual(isLeft ? [folder] : []);

    const cache = await mkdtemp(join(root, "cache-"));
    await mkdir(join(cache, `key.${hostname()}.${pid}.01234567`));
    await sweep(cache, "key");
    expect(await readdir(cache)).toHaveLength(isLeft ? 0 : 1);
  });
});
