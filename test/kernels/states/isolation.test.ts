// `--isolation episode`: no kernel comes of one that ran a model's cells; each has the state of its branch all the same.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KernelLease, KernelPool, RecipeStep } from "../../../src/contracts/kernel.ts";
import type { JupyterKernelsOptions } from "../../../src/kernels/kernel-options.ts";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import { testPython } from "../../support/python.ts";
import { noSandbox, testSandbox } from "../../support/sandbox.ts";
import { run, step, value, within } from "../real-kernels.ts";

let root: string;
let pool: KernelPool;
let leases = 0;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "nbe-isolation-"));
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const open = async (options: Partial<JupyterKernelsOptions> = {}): Promise<void> => {
  pool = await jupyterKernels({
    python: { python: testPython },
    workspacesDir: join(root, "workspaces"),
    isolation: "episode",
    sandbox: testSandbox,
    ...options,
  });
};

const lease = (recipe: readonly RecipeStep[] = [], trusted = false): Promise<KernelLease> =>
  pool.lease({ recipe }, { ...within(60_000), workspace: `w${(leases += 1)}`, trusted });

/** The recipe after one more cell, whose state is to be kept; the kernel is given back. */
async function end(held: KernelLease, recipe: readonly RecipeStep[], source: string) {
  const { status } = await run(held, source);
  const longer = [...recipe, step(source, status)];
  await held.checkpoint({ recipe: longer }, within(60_000));
  await held[Symbol.asyncDispose]();
  return longer;
}

const FOUNDER = "import os; x = ['founder']; open('of-founder', 'w').close()";
const MODEL = "x.append('model'); open('of-model', 'w').close()";
/** What differs between boxes. */
const box = "os.stat('/proc/self/ns/mnt').st_ino";

describe.skipIf(process.platform !== "linux")("with isolation by episode", () => {
  it("the founder's kernel is forked, and none that a model's cells ran on, nor one that was given back", async () => {
    await open();
    const founder = await end(await lease([], true), [], FOUNDER);
    const child = await lease(founder);
    expect(child.restored).toMatchObject({ tier: "fork", differences: [] });
    const branch = await end(child, founder, MODEL);
    await pool.idle?.();
    await using first = await lease(branch);
    await using second = await lease(branch);
    for (const one of [first, second]) {
      expect(one.restored).toMatchObject({ tier: "replay", differences: [] });
      expect(await value(one, "[x, os.path.exists('of-founder'), os.path.exists('of-model')]")).toEqual([
        ["founder", "model"],
        true,
        true,
      ]);
    }
  });

  it("by default they come of each other", async () => {
    await open({ isolation: "lineage" });
    const founder = await end(await lease(), [], FOUNDER);
    const branch = await end(await lease(founder), founder, MODEL);
    await using one = await lease(branch);
    expect(one.restored.tier).toBe("fork");
  });

  it("by default what was given back as it was leaves the state to its siblings", async () => {
    await open({ isolation: "lineage" });
    const founder = await end(await lease(), [], FOUNDER);
    for (let generation = 0; generation < 3; generation += 1) {
      const child = await lease(founder);
      expect(child.restored).toMatchObject({ tier: "fork", differences: [], reason: undefined });
      await child.checkpoint({ recipe: founder }, within(60_000));
      await child[Symbol.asyncDispose]();
    }
  });

  it.skipIf(noSandbox !== null)("a state that is thawed or replayed has a box of its own", async () => {
    await open({ fork: false, durable: { dir: join(root, "kernels"), worthMs: 200 } });
    const slow = "import os, time; time.sleep(1); x = ['founder']";
    const founder = await end(await lease([], true), [], slow);
    const child = await lease(founder);
    const boxes: unknown[] = [];
    const branch = await end(child, founder, `time.sleep(1); ${MODEL}`);
    await using first = await lease(branch);
    await using second = await lease([...branch, step("y = 1")]);
    expect(first.restored).toMatchObject({ tier: "thaw", differences: [] });
    expect(second.restored).toMatchObject({ tier: "replay", differences: [] });
    for (const one of [first, second]) {
      expect(await value(one, "x")).toEqual(["founder", "model"]);
      boxes.push(await value(one, box));
    }
    expect(new Set(boxes).size).toBe(2);
  });
});
