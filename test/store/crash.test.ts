import { join } from "node:path";
import { expect, test } from "vitest";
import { openRunStore } from "../../src/store/index.ts";
import { expectMirrors, expectPlanned } from "./expect-run.ts";
import { scratch } from "./scratch.ts";
import { startWriter, withWriters } from "./writers.ts";

withWriters();

test("kill -9 at any moment loses no acknowledged event or blob, leaves no hole, and mirrors are mended", async () => {
  const dir = join(scratch(), "run");
  const acknowledged = new Set<number>();
  for (let round = 0; round < 12; round++) {
    const writer = startWriter(dir, "write");
    if (round % 4 === 3) await writer.opened;
    else await writer.more(1 + Math.floor(Math.random() * 40));
    await writer.kill();
    for (const seq of writer.acknowledged) acknowledged.add(seq);

    const count = await reading(dir);
    for (const seq of acknowledged) expect(seq).toBeLessThan(count);
    await using store = await openRunStore(dir, { mode: "write", mustExist: true });
    expect(await expectPlanned(store)).toBe(count);
    expectMirrors(dir, count);
  }
  expect(acknowledged.size).toBeGreaterThan(50);
});

test("readers see a growing beginning of the run while another process writes it", async () => {
  const dir = join(scratch(), "run");
  const writer = startWriter(dir, "write");
  await writer.more(1);
  await using early = await openRunStore(dir, { mode: "read" });
  let before = 0;
  for (let look = 0; look < 8; look++) {
    await writer.more(2);
    const known = Math.max(...writer.acknowledged) + 1;
    const counts = [await expectPlanned(early), await reading(dir)];
    for (const count of counts) {
      expect(count).toBeGreaterThanOrEqual(Math.max(before, known));
      before = count;
    }
  }
  await writer.kill();
});

test("a second writer is refused by name, and gets the run once the first was killed", async () => {
  const dir = join(scratch(), "run");
  const first = startWriter(dir, "hold");
  await first.opened;
  const second = openRunStore(dir, { mode: "write" });
  await expect(second).rejects.toMatchObject({
    code: "run-locked",
    message: expect.stringMatching(
      new RegExp(`written by process ${first.process.pid} on .+, since \\d{4}-`),
    ),
  });
  expect(await reading(dir)).toBe(0);
  await first.kill();
  await using store = await openRunStore(dir, { mode: "write" });
  expect(await expectPlanned(store)).toBe(0);
});

test("of several that open a run at the same moment exactly one writes it", async () => {
  const dir = join(scratch(), "run");
  const opening = Array.from({ length: 4 }, () => openRunStore(dir, { mode: "write" }));
  const results = await Promise.allSettled(opening);
  const stores = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(stores).toHaveLength(1);
  expect(results.filter(({ status }) => status === "rejected")).toMatchObject(
    Array.from({ length: 3 }, () => ({ reason: { code: "run-locked" } })),
  );
  await stores[0]?.[Symbol.asyncDispose]();
  await using again = await openRunStore(dir, { mode: "write" });
  expect(again.dir).toBe(dir);
});

async function reading(dir: string): Promise<number> {
  await using store = await openRunStore(dir, { mode: "read" });
  return await expectPlanned(store);
}
