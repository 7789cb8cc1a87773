// A round that drops cells leaves a live state that is not its recipe's: it is made once, in the background, and its children fork.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KernelLease, RecipeStep } from "../../../src/contracts/kernel.ts";
import { openOwnPool } from "../own-pool.ts";
import { run, step, useRealKernels, value, within } from "../real-kernels.ts";

const linux = process.platform === "linux";
const { lease, pool, root } = useRealKernels({ fork: true });

/** Runs cells on a kernel, and checkpoints the state without those that are dropped. */
async function dropped(
  parent: KernelLease,
  sources: readonly string[],
  drop: readonly number[],
): Promise<readonly RecipeStep[]> {
  const steps: RecipeStep[] = [];
  for (const source of sources) steps.push(step(source, (await run(parent, source)).status));
  const recipe = steps.filter((_, index) => !drop.includes(index));
  await parent.checkpoint({ recipe }, within(60_000));
  await parent[Symbol.asyncDispose]();
  return recipe;
}

describe.skipIf(!linux)("a state whose cells were dropped", () => {
  it("is forked by all its children, without what the dropped cells did", async () => {
    const recipe = await dropped(
      await lease(),
      ["import time; ran = open('ran', 'a').write('a'); x = [1]", "x.append(2); y = 1", "x.append(3)", "y"],
      [1, 3],
    );
    await pool().idle?.();
    await using first = await lease(recipe);
    await using second = await lease(recipe);
    for (const child of [first, second]) {
      expect(child.restored).toMatchObject({ tier: "fork", differences: [], reason: undefined });
      expect(await value(child, "[x, 'y' in globals(), open('ran').read()]")).toEqual([[1, 3], false, "a"]);
    }
    // And what comes of it is forked as ever.
    const more = [...recipe, step("x.append(4)")];
    await run(first, "x.append(4)");
    await first.checkpoint({ recipe: more }, within(60_000));
    await using grandchild = await lease(more);
    expect([grandchild.restored.tier, await value(grandchild, "x")]).toEqual(["fork", [1, 3, 4]]);
    expect((await readdir(root())).filter((name) => name.startsWith(".settling"))).toEqual([]);
  });

  it("is right for a child that comes at once, whether it waits or replays", async () => {
    const recipe = await dropped(await lease(), ["import time; time.sleep(1); z = 5", "z = 6"], [1]);
    await using child = await lease(recipe);
    expect(child.restored.differences).toEqual([]);
    expect(await value(child, "z")).toBe(5);
  });

  it("is not made again from the beginning: a state of the middle of the round is kept", async () => {
    // The first of a pool, which has no measure of what one costs yet.
    const own = await openOwnPool();
    const counted = join(own.folder, "ws", "counted");
    const slow = `import time; time.sleep(1); open(${JSON.stringify(counted)}, 'a').write('x')`;
    const recipe = await dropped(await own.lease(), [slow, "bad = 1", "good = 2"], [1]);
    await own.pool.idle?.();
    await using child = await own.lease(recipe);
    expect(child.restored).toMatchObject({ tier: "fork", differences: [] });
    expect(await value(child, `[good, open(${JSON.stringify(counted)}).read()]`)).toEqual([2, "x"]);
  });

  it("is replayed with the reason where its cells do not end as before without those that were dropped", async () => {
    const recipe = await dropped(await lease(), ["n = 1", "m = 2", "k = n + m"], [1]);
    await pool().idle?.();
    await using child = await lease(recipe);
    expect(child.restored.tier).toBe("replay");
    expect(child.restored.reason).toMatch(
      /^not forked: without the cells that were dropped, c1 raised NameError when it was run again/,
    );
    expect(child.instead?.recipe.map(({ status }) => status)).toEqual(["ok", "error"]);
  });

  it("is made in another round of the same kernel, too", async () => {
    const parent = await lease();
    const first = step("a = 1");
    await run(parent, "a = 1");
    await run(parent, "a = 100");
    await parent.checkpoint({ recipe: [first] }, within(60_000));
    await run(parent, "b = 2");
    const recipe = [first, step("b = 2")];
    await parent.checkpoint({ recipe }, within(60_000));
    await parent[Symbol.asyncDispose]();
    await pool().idle?.();
    await using child = await lease(recipe);
    expect([child.restored.tier, await value(child, "[a, b]")]).toEqual(["fork", [1, 2]]);
  });
});
