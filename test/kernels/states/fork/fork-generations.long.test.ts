// Forks of forks, for many generations.
// Long: 40 and 60 generations, one after the other.
import { describe, expect, it } from "vitest";
import type { KernelLease, RecipeStep } from "../../../../src/contracts/kernel.ts";
import { processesWith } from "../../../support/processes.ts";
import { openOwnPool } from "../../own-pool.ts";
import { run, step, value, within } from "../../real-kernels.ts";

/** Runs one more cell and checkpoints; the recipe of the new state. */
async function runMore(
  kernel: KernelLease,
  recipe: readonly RecipeStep[],
  source: string,
): Promise<readonly RecipeStep[]> {
  const { status } = await run(kernel, source);
  const longer = [...recipe, step(source, status)];
  await kernel.checkpoint({ recipe: longer }, within(60_000));
  return longer;
}

describe.skipIf(process.platform !== "linux")("a fork", () => {
  it("can be forked again, 40 generations deep", async () => {
    const { lease } = await openOwnPool();
    let kernel = await lease();
    let recipe = await runMore(kernel, [], "import os; pids = [os.getpid()]");
    for (let depth = 0; depth < 40; depth += 1) {
      await kernel[Symbol.asyncDispose]();
      kernel = await lease(recipe);
      const { tier, reason, differences } = kernel.restored;
      expect({ tier, reason, differences }).toEqual({ tier: "fork", reason: undefined, differences: [] });
      recipe = await runMore(kernel, recipe, "pids.append(os.getpid())");
    }
    expect(await value(kernel, "len(set(pids))")).toBe(41);
    await kernel[Symbol.asyncDispose]();
  });

  it("there are no more templates than there may be, nor more processes, descriptors or memory with every generation", async () => {
    const { folder, pool } = await openOwnPool();
    const generations = 60;
    const workspace = (n: number): string => `g${n % 2}`;
    let lease = await pool.lease({ recipe: [] }, { ...within(60_000), workspace: workspace(1) });
    let recipe: readonly RecipeStep[] = [];
    const seen: { processes: number; descriptors: number; residentMb: number }[] = [];
    for (let n = 0; n < generations; n += 1) {
      recipe = [...recipe, step("n = globals().get('n', 0) + 1")];
      await run(lease, "n = globals().get('n', 0) + 1");
      await lease.checkpoint({ recipe }, within(60_000));
      await lease[Symbol.asyncDispose]();
      lease = await pool.lease({ recipe }, { ...within(60_000), workspace: workspace(n) });
      expect([lease.restored.tier, lease.restored.reason]).toEqual(["fork", undefined]);
      const descriptors = Number(await value(lease, "len(__import__('os').listdir('/proc/self/fd'))"));
      const pages = await value(lease, "int(open('/proc/self/statm').read().split()[1])");
      seen.push({ processes: processesWith(folder).length, descriptors, residentMb: Number(pages) / 256 });
    }
    expect(await value(lease, "n")).toBe(generations);
    await lease[Symbol.asyncDispose]();
    const last = seen.slice(-10).map(({ descriptors }) => descriptors);
    expect(Math.max(...last)).toBeLessThanOrEqual(
      Math.max(...seen.slice(0, 10).map((one) => one.descriptors)) + 2,
    );
    // A transport that was left behind with each generation took 0.6 MB.
    const grown = (seen.at(-1)?.residentMb ?? 0) - (seen[19]?.residentMb ?? 0);
    expect(grown / (generations - 20)).toBeLessThan(0.2);
    // 24 templates, one kernel and one warm one, the guard and the server; and what is just ending.
    expect(Math.max(...seen.map(({ processes }) => processes))).toBeLessThanOrEqual(24 + 8);
  });
});
