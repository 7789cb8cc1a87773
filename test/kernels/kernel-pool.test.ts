import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import { describeKernelPool } from "../../src/testing/conformance/kernel-pool.ts";
import { pythonPrograms } from "../support/python-programs.ts";
import { testPython } from "../support/python.ts";
import { testSandbox } from "../support/sandbox.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "nbe-test-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

for (const sandbox of new Set(["off", testSandbox] as const))
  describeKernelPool(
    `jupyterKernels, sandbox ${sandbox}`,
    () =>
      jupyterKernels({ python: { python: testPython }, workspacesDir: join(directory, sandbox), sandbox }),
    pythonPrograms,
  );
