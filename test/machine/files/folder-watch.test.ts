// The watch over folders: what passes a limit ends it, and so does what can no longer be looked at.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchFolders } from "../../../src/machine/files/folder-watch.ts";
import type { FolderUse } from "../../../src/machine/files/porter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const GOOD: FolderUse = { bytes: 1, files: 1, over: null };
const BOUNDS = { bytes: 5 << 20, files: 10 };

/** Looks that end so, one after the other; the last one again and again. */
async function watch(seconds: number, ...looks: readonly (FolderUse | Error)[]) {
  const told: string[] = [];
  let at = 0;
  const measure = async (): Promise<FolderUse> => {
    const look = looks[Math.min(at++, looks.length - 1)] ?? GOOD;
    if (look instanceof Error) throw look;
    return look;
  };
  const stop = watchFolders(
    { measure },
    [],
    () => BOUNDS,
    (holds) => told.push(holds),
  );
  await vi.advanceTimersByTimeAsync(seconds * 1_000);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  return { told, looks: at };
}

const gone = new Error("it ended");

test("a limit that is passed is told once, and nothing is looked at any more", async () => {
  expect(await watch(20, GOOD, { ...GOOD, over: "bytes" })).toEqual({ told: ["more than 5 MB"], looks: 2 });
});

test("a look that fails now and then is no matter", async () => {
  expect((await watch(30, gone, gone, GOOD, gone, gone, GOOD)).told).toEqual([]);
});

test("a limit that cannot be looked at any more counts as passed", async () => {
  expect(await watch(30, GOOD, gone)).toEqual({
    told: ["files that cannot be counted (it ended)"],
    looks: 4,
  });
});

test("after its end there is no look", async () => {
  expect((await watch(3, GOOD)).looks).toBe(3);
});
