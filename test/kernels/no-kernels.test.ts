import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import { testPython } from "../support/python.ts";
import { within } from "./real-kernels.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nbe-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A Python that is somehow not right. */
async function python(name: string, script: string): Promise<{ python: string }> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { python: path };
}

const start = (python: { python: string }) =>
  jupyterKernels({ python, workspacesDir: join(folder, "workspaces"), sandbox: "off" });

it("says that there is no Python", async () => {
  await expect(start({ python: join(folder, "none") })).rejects.toMatchObject({
    code: "kernel-unavailable",
    message: expect.stringMatching(/Jupyter server did not start: .*ENOENT[^]*nbevolve doctor/),
  });
});

it("shows what the server said when it cannot start", async () => {
  const bare = await python("bare", `exec ${testPython} -S "$@"`);
  await expect(start(bare)).rejects.toMatchObject({
    code: "kernel-unavailable",
    message: expect.stringMatching(/nbevolve doctor[^]*No module named/),
  });
});

it("shows what a kernel said when it cannot start", async () => {
  await mkdir(join(folder, "broken", "ipykernel"), { recursive: true });
  await writeFile(
    join(folder, "broken", "ipykernel", "__init__.py"),
    "raise ImportError('broken on purpose')",
  );
  const broken = await python("broken.sh", `PYTHONPATH=${folder}/broken:$PYTHONPATH exec ${testPython} "$@"`);
  await using pool = await start(broken);
  const leasing = pool.lease({ recipe: [] }, { ...within(60_000), workspace: "w" });
  await expect(leasing).rejects.toMatchObject({
    code: "kernel-unavailable",
    message: expect.stringMatching(/No kernel could be started: [^]*broken on purpose/),
  });
});
