// A power cut: whatever it leaves of the newest pages, the run opens at an exact beginning.
// Long: 60 damaged copies of a run, each opened and read to its end.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openRunStore } from "../../../src/store/index.ts";
import { expectMirrors, expectPlanned } from "../expect-run.ts";
import { planned } from "../planned-run.ts";
import { scratch } from "../scratch.ts";

const EVENTS = 40;
const CASES = 60;

type Damage = (wal: Buffer, at: number) => Buffer;
const damages: readonly Damage[] = [
  (wal, at) => wal.subarray(0, at),
  (wal, at) => Buffer.from(wal).fill(0, at),
  (wal, at) => {
    const flipped = Buffer.from(wal);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0xff, at);
    return flipped;
  },
];

test("whatever a power cut leaves of the newest pages, an exact beginning of the run is there", async () => {
  const { dir, sizes } = await writtenRun();
  const wal = readFileSync(join(dir, "run.db-wal"));
  const kept: number[] = [];
  for (let i = 0; i < CASES; i++) {
    const at = Math.floor(Math.random() * wal.length);
    const damaged = damages[i % damages.length]?.(wal, at) ?? wal;
    const copy = join(dir, "copies", String(i));
    mkdirSync(copy, { recursive: true });
    for (const file of ["run.db", "journal.jsonl"]) copyFileSync(join(dir, file), join(copy, file));
    writeFileSync(join(copy, "run.db-wal"), damaged);
    await using store = await openRunStore(copy, { mode: "write" });
    const count = await expectPlanned(store);
    expectMirrors(copy, count);
    // What was written before the damage is there.
    expect(count).toBeGreaterThanOrEqual(sizes.filter((size) => size <= at).length);
    kept.push(count);
  }
  expect(new Set(kept).size).toBeGreaterThan(5);
});

/** A run whose pages are all still in the write-ahead log, and the log's size after each event. */
async function writtenRun(): Promise<{ dir: string; sizes: readonly number[] }> {
  const dir = join(scratch(), "run");
  await using store = await openRunStore(dir, { mode: "write" });
  const sizes: number[] = [];
  for (let seq = 0; seq < EVENTS; seq++) {
    const { events, blobs } = planned(seq);
    await store.append(events, blobs);
    sizes.push(statSync(join(dir, "run.db-wal")).size);
  }
  const snapshot = join(scratch(), "snapshot");
  mkdirSync(snapshot);
  for (const file of ["run.db", "run.db-wal", "journal.jsonl"])
    copyFileSync(join(dir, file), join(snapshot, file));
  return { dir: snapshot, sizes };
}
