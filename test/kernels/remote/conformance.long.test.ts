// The contract of a kernel pool, kept on a Jupyter server that is not ours.
// Long: all of the conformance suite on a second kind of server; test/kernels/kernel-pool.test.ts has it on ours.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import { describeKernelPool } from "../../../src/testing/conformance/kernel-pool.ts";
import { plainJupyter, type PlainJupyter } from "../../support/jupyter.ts";
import { testPython } from "../../support/python.ts";
import { pythonPrograms } from "../../support/python-programs.ts";

let directory: string;
let server: PlainJupyter;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "nbe-test-"));
  server = await plainJupyter();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describeKernelPool(
  "jupyterKernels on a server that is not ours",
  () => {
    const { url, token } = server;
    return jupyterKernels({
      python: { python: testPython },
      workspacesDir: directory,
      server: { url, token },
    });
  },
  pythonPrograms,
);
