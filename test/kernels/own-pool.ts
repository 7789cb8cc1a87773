// Owns: a pool with forks for one test, whose processes are found by the name of its folder, and nothing of which is left.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import type { KernelLease, KernelPool, RecipeStep } from "../../src/contracts/kernel.ts";
import { noneRemain } from "../support/processes.ts";
import { testPython } from "../support/python.ts";
import { within } from "./real-kernels.ts";

export interface OwnPool {
  readonly folder: string;
  readonly pool: KernelPool;
  /** Types of what the pool told. */
  readonly told: readonly string[];
  readonly lease: (recipe?: readonly RecipeStep[]) => Promise<KernelLease>;
}

/** A pool whose processes can be told by the name of their folder. */
export async function openOwnPool(): Promise<OwnPool> {
  const before = process.env["TMPDIR"];
  const folder = await mkdtemp("/tmp/nbe-fork-");
  process.env["TMPDIR"] = folder;
  const told: string[] = [];
  const pool = await jupyterKernels({
    onEvent: ({ type }) => void told.push(type),
    python: { python: testPython },
    workspacesDir: join(folder, "ws"),
    fork: true,
    sandbox: "off",
  });
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  let count = 0;
  onTestFinished(async () => {
    await pool[Symbol.asyncDispose]();
    await noneRemain([folder]);
    expect(await readdir(folder)).toEqual(["ws"]);
    expect((await readdir(join(folder, "ws"))).filter((name) => name.startsWith("."))).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    pool,
    told,
    lease: (recipe = []) => pool.lease({ recipe }, { ...within(60_000), workspace: `w${(count += 1)}` }),
  };
}
