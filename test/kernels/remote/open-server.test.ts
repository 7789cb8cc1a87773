// A Jupyter Server that asks for no token, with kernels as they come.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import { plainJupyter } from "../../support/jupyter.ts";
import { testPython } from "../../support/python.ts";
import { within } from "../real-kernels.ts";

test("starts kernels for whoever asks; a cell that awaits beyond its limit is interrupted; no kernel stays", async () => {
  const workspacesDir = await mkdtemp(join(tmpdir(), "nbe-test-"));
  await using server = await plainJupyter("");
  {
    const python = { python: testPython };
    await using pool = await jupyterKernels({ python, workspacesDir, server: { url: server.url } });
    await using kernel = await pool.lease({ recipe: [] }, { ...within(60_000), workspace: "w" });
    await kernel.execute("import asyncio\nx = 41", within(60_000));
    const { status } = await kernel.execute("await asyncio.sleep(600)", within(2_000));
    expect(status).toBe("interrupted");
    const { outputs } = await kernel.execute("x + 1", within(60_000));
    expect(outputs).toMatchObject([{ data: { "text/plain": "42" } }]);
  }
  expect(await server.kernels()).toEqual([]);
  await rm(workspacesDir, { recursive: true });
});
