// Owns: checking that a run directory holds a beginning of the planned run, whole. Never repairs one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Branch } from "../../src/contracts/index.ts";
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import type { RunStore } from "../../src/store/index.ts";
import { sampleBranch } from "../../src/testing/conformance/journal-samples.ts";
import { fitnessAt, planned } from "./planned-run.ts";

/** Every event is the planned one, without holes, with all its blobs. Resolves to how many there are. */
export async function expectPlanned(store: RunStore): Promise<number> {
  let count = 0;
  for await (const { seq, event } of store.readTimed(0)) {
    const { events, blobs } = planned(count);
    expect(seq).toBe(count++);
    expect(JSON.stringify([event])).toBe(JSON.stringify(events));
    for (const { hash, bytes } of blobs)
      expect(Buffer.from(await store.readBlob(hash)).equals(bytes)).toBe(true);
  }
  return count;
}

/** The readable files say exactly what the first `count` planned events say. */
export function expectMirrors(dir: string, count: number): void {
  const lines = readFileSync(join(dir, "journal.jsonl"), "utf8").split("\n");
  expect(lines.pop()).toBe("");
  const expected = Array.from({ length: count }, (_, seq) => ({ seq, ...planned(seq).events[0] }));
  const withoutTime = lines.map((line) => line.replace(/"at":"[^"]+",/, ""));
  expect(withoutTime).toEqual(expected.map((event) => JSON.stringify(event)));
  if (count === 0) return;
  const branches = plannedBranches(count);
  expect(readdirSync(join(dir, "branches")).sort()).toEqual(branches.map(({ id }) => `${id}.ipynb`).sort());
  for (const { id } of branches)
    expect(noteIn(join(dir, "branches", `${id}.ipynb`))).toBe(`the notebook of ${id}`);
  const best = branches.reduce((a, b) => (b.score.fitness > a.score.fitness ? b : a));
  expect(noteIn(join(dir, "best.ipynb"))).toBe(`the notebook of ${best.id}`);
}

/** The text in the one cell of a sample notebook. */
export function noteIn(file: string): string {
  // As it comes back: without what is there for readers alone.
  const { cells } = parseNotebook(readFileSync(file, "utf8"), file);
  return cells.map(({ source }) => source).join("");
}

function plannedBranches(count: number): readonly Branch[] {
  const numbers = Array.from({ length: count }, (_, seq) => seq).filter((seq) => seq % 5 === 0);
  return numbers.map((seq) => sampleBranch(seq, seq === 0 ? 0 : fitnessAt(seq)).branch);
}
