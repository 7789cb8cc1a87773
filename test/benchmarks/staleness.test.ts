import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureStaleness, precisionAndRecall } from "../../benchmarks/context/staleness.ts";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import type { KernelPool } from "../../src/contracts/index.ts";
import { testPython } from "../support/python.ts";
import { testSandbox } from "../support/sandbox.ts";

let directory: string;
let pool: KernelPool;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "nbe-staleness-"));
  pool = await jupyterKernels({
    python: { python: testPython },
    workspacesDir: directory,
    sandbox: testSandbox,
  });
});
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test("what runs say of an edit: rightly stale, wrongly stale, rightly fresh, and an alias that names do not show", async () => {
  const cells = ["n = [1]", "m = n", "m.append(2)", "print(n)", "k = max(m)", "print('other')"];
  const measured = await measureStaleness(pool, [{ name: "alias", cells, edits: [[2, "m.append(0)"]] }]);
  expect(measured.byNames).toEqual({ rightlyStale: 1, wronglyStale: 0, rightlyFresh: 1, wronglyFresh: 1 });
  expect(measured.byPosition).toEqual({ rightlyStale: 2, wronglyStale: 1, rightlyFresh: 0, wronglyFresh: 0 });
  expect(measured.wrong).toEqual(["alias, edit of c3: c4 is called fresh"]);
  expect(precisionAndRecall(measured.byNames)).toEqual({ precision: 1, recall: 0.5 });
});

test("a cell that fails is no measurement", async () => {
  const cases = [{ name: "bad", cells: ["1 / 0"], edits: [] }];
  await expect(measureStaleness(pool, cases)).rejects.toThrow(/ended with error/);
});
