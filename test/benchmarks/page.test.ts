// What is measured of the page is measured on a real run, server and stream.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { measureThroughput } from "../../benchmarks/controller/measure.ts";
import { measureDelays } from "../../benchmarks/page/measure.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nbevolve-page-bench-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("the page is told of each event", async () => {
  const page = resolve(process.env["NBEVOLVE_TEST_BUILD"] ?? "dist", "dashboard");
  const delays = await measureDelays(join(await folder(), "run"), 5, { page });
  expect(delays).toHaveLength(5);
  expect(delays.every((delay) => delay >= 0)).toBe(true);
});

test("a run without a task goes on beside its mirrors", async () => {
  expect((await measureThroughput(join(await folder(), "run"), 20, 4)).proposals).toBe(20);
});
