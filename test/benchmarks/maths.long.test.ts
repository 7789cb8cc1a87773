// The maths benchmark at work: a problem run for real, and gone on with.
// Long: a whole session of the offline model on a shipped benchmark, with its plots.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COURSE, type MathsResult } from "../../benchmarks/maths/course.ts";
import { runCli } from "../support/cli.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-maths-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test(
  "nbevolve bench maths runs a problem for real, and does not run it again when its time is used",
  { timeout: 120_000 },
  async () => {
    const args = [
      "bench",
      "maths",
      "--problems",
      "distance-ratio-2d-16",
      "--minutes",
      "0.02",
      "--dir",
      join(root, "runs"),
    ];
    const first = await runCli([...args, "--json"]);
    expect(first.code, first.stderr).toBe(0);
    const results: readonly MathsResult[] = JSON.parse(first.stdout);
    expect(results).toHaveLength(1);
    expect(results[0]?.runs[0]?.best).toBeLessThanOrEqual(18);
    expect(results[0]?.runs[0]?.evaluations).toBeGreaterThanOrEqual(1);
    const before = await readFile(join(root, "runs", "distance-ratio-2d-16-1", COURSE), "utf8");
    const again = await runCli(args);
    expect(again.stdout).toContain("| distance-ratio-2d-16 | minimize |");
    expect(await readFile(join(root, "runs", "distance-ratio-2d-16-1", COURSE), "utf8")).toBe(before);
    expect(await readFile(join(root, "runs", "plots", "distance-ratio-2d-16.svg"), "utf8")).toContain("<svg");
    const wrong = await runCli(["bench", "maths", "--problems", "circles"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("the benchmarks are circles-square-26");
  },
);
