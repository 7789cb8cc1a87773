// A workspace that somebody makes anew each time it is emptied costs whoever needs a kernel there, and nobody else.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { KernelLost } from "../../src/core/errors.ts";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import { testPython } from "../support/python.ts";
import { value, within } from "./real-kernels.ts";

/** Python, in whose porter a folder of this name is there again before it can be made. */
const quicker = (name: string): string => `#!${testPython}
import os, sys
if "nbevolve_files.porter" not in " ".join(sys.argv):
    os.execv("${testPython}", ["${testPython}", *sys.argv[1:]])
make = os.mkdir
def make_twice(path, *rest, **more):
    make(path, *rest, **more)
    if path == "${name}":
        make(path, *rest, **more)
os.mkdir = make_twice
source, sys.argv = sys.argv[4], sys.argv[4:]
exec(source)
`;

test("a kernel is lost to the one lease whose workspace is made anew without end", async () => {
  const folder = await mkdtemp("/tmp/nbe-contested-");
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const python = join(folder, "python");
  await writeFile(python, quicker("contested"));
  await chmod(python, 0o700);
  await using pool = await jupyterKernels({
    python: { python },
    workspacesDir: join(folder, "ws"),
    sandbox: "off",
  });
  const lease = (workspace: string) => pool.lease({ recipe: [] }, { ...within(60_000), workspace });
  const lost = await lease("contested").catch((problem: unknown) => problem);
  expect(lost).toBeInstanceOf(KernelLost);
  expect(lost).toMatchObject({ message: expect.stringContaining("something goes on making it anew") });
  await using other = await lease("w1");
  expect(await value(other, "1 + 1")).toBe(2);
});
