import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { courseIn, strategiesReport, summarise } from "../../benchmarks/strategies/index.ts";

test("the tables have the medians over seeds, the best first, and when each run got there", () => {
  const weak = summarise("weak", [
    [1, 1, 1, 1],
    [1, 1, 3, 3],
    [1, 2, 2, 2],
  ]);
  const strong = summarise("strong", [
    [1, 1, 5, 5],
    [2, 2, 2, 2],
  ]);
  expect([weak.median, weak.medianQuarter, weak.medianHalf, weak.medianMean]).toEqual([2, 1, 1, 1.75]);
  expect(strong.median).toBe(3.5);
  const lines = strategiesReport([weak, strong]).trim().split("\n");
  expect(lines.slice(2, 4)).toEqual([
    "| strong | 3.500000 | 1.500000 | 1.500000 | 2.500000 | 5.000000, 2.000000 |",
    "| weak | 2.000000 | 1.000000 | 1.000000 | 1.750000 | 1.000000, 3.000000, 2.000000 |",
  ]);
  expect(lines.slice(7)).toEqual(["| strong | 3, never |", "| weak | never, never, never |"]);
});

test("a run that is not there has no course, and one that cannot be read is no run that is not there", async () => {
  const root = await mkdtemp(join(tmpdir(), "nbevolve-strategies-bench-"));
  try {
    expect(await courseIn(join(root, "none"), 3)).toBeNull();
    const broken = join(root, "broken");
    await mkdir(broken);
    await writeFile(join(broken, "run.db"), "no database");
    await expect(courseIn(broken, 3)).rejects.toMatchObject({ code: "run-corrupt" });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
