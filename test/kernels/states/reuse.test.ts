import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kept, run, step, useRealKernels, value, within } from "../real-kernels.ts";

const { lease, pool, root } = useRealKernels({ keepLive: 2, fork: false });

const pid = "__import__('os').getpid()";

describe("a state that was marked", () => {
  it("goes to the first child alive, and to the next one by replay", async () => {
    const parent = await lease();
    const parentPid = await value(parent, pid);
    const recipe = await kept(parent, "x = 1", "1 / 0", "x += 1");
    await using first = await lease(recipe);
    await using second = await lease(recipe);
    expect([first.restored.tier, second.restored.tier]).toEqual(["reuse", "replay"]);
    expect([await value(first, pid), await value(second, "x")]).toEqual([parentPid, 2]);
    expect(await value(first, "x")).toBe(2);
    expect(await value(second, pid)).not.toBe(parentPid);
  });

  it("is found by what ran, whatever its cells are called and what was interrupted elsewhere", async () => {
    const recipe = await kept(await lease(), "y = 1");
    const renamed = [{ cell: "c77", source: "never", status: "interrupted" as const }, ...recipe];
    await using child = await lease(renamed.map((one, index) => ({ ...one, cell: `c${index + 70}` })));
    expect(child.restored.tier).toBe("reuse");
  });

  it("goes on to grandchildren", async () => {
    const recipe = await kept(await lease(), "z = 1");
    const child = await lease(recipe);
    await run(child, "z += 1");
    const grown = [...recipe, step("z += 1")];
    await child.checkpoint({ recipe: grown }, within(60_000));
    await child[Symbol.asyncDispose]();
    await using grandchild = await lease(grown);
    expect([grandchild.restored.tier, await value(grandchild, "z")]).toEqual(["reuse", 2]);
  });

  it("is given up for the newest when there are more than the pool may keep", async () => {
    const recipes = [];
    for (const n of [1, 2, 3]) recipes.push(await kept(await lease(), `n = ${n}`));
    const tiers = [];
    for (const recipe of recipes) {
      await using child = await lease(recipe);
      tiers.push(child.restored.tier);
      await run(child, "spoilt = True");
    }
    expect(tiers).toEqual(["replay", "reuse", "reuse"]);
  });

  it("is not kept when something was interrupted in it", async () => {
    const parent = await lease();
    await run(parent, "n = 0");
    await parent.execute("while True: n += 1", within(100));
    await parent.checkpoint({ recipe: [step("n = 0")] }, within(60_000));
    await parent[Symbol.asyncDispose]();
    await using child = await lease([step("n = 0")]);
    expect([child.restored.tier, await value(child, "n")]).toEqual(["replay", 0]);
  });

  it("is not lent when its kernel died meanwhile", async () => {
    const recipe = await kept(
      await lease(),
      "import os, threading",
      "threading.Timer(0.3, os._exit, [1]).start()",
    );
    const kernel = await lease(recipe);
    // Either it was dead already, or it dies under the lease: both are told, neither hangs.
    expect(["reuse", "replay"]).toContain(kernel.restored.tier);
    await kernel[Symbol.asyncDispose]();
  });
});

describe("the files of a state", () => {
  it("are the child's own: copied for a live kernel, made again by a replay", async () => {
    const parent = await lease([], "parent");
    const recipe = await kept(parent, "open('data.txt', 'w').write('1')");
    await using alive = await lease(recipe, "alive");
    await using replayed = await lease(recipe, "replayed");
    await run(alive, "open('data.txt', 'a').write('2')");
    expect(await value(alive, "__import__('os').getcwd()")).toBe(join(root(), "alive"));
    const texts = ["parent", "alive", "replayed"].map((name) =>
      readFile(join(root(), name, "data.txt"), "utf8"),
    );
    expect(await Promise.all(texts)).toEqual(["1", "12", "1"]);
    expect(await value(replayed, "open('data.txt').read()")).toBe("1");
  });

  it("do not include what was in the directory before", async () => {
    await mkdir(join(root(), "used", "deep"), { recursive: true });
    await writeFile(join(root(), "used", "deep", "old.txt"), "old");
    await using kernel = await lease([], "used");
    expect(await readdir(join(root(), "used"))).toEqual([]);
    expect(await value(kernel, "__import__('os').listdir()")).toEqual([]);
  });

  it("are not emptied under a kernel that is kept in them", async () => {
    const recipe = await kept(await lease([], "again"), "open('f', 'w').write('1')");
    await using other = await lease([], "again");
    expect(await value(other, "__import__('os').listdir()")).toEqual([]);
    await using child = await lease(recipe, "child");
    expect([child.restored.tier, await value(child, "open('f').read()")]).toEqual(["replay", "1"]);
  });

  it.each(["", ".", "..", "a/b", "../out", "/etc"])(
    "are never outside of the root: %j",
    async (workspace) => {
      await expect(pool().lease({ recipe: [] }, { ...within(1_000), workspace })).rejects.toThrow(RangeError);
    },
  );
});

describe("a replay", () => {
  it("gives equal values each time", async () => {
    const recipe = [
      step("import random, numpy as np\nrandom.seed(3); rng = np.random.default_rng(4)"),
      step("a = rng.random((50, 50)); b = a @ a.T; c = np.linalg.inv(b + np.eye(50))"),
      step("values = [random.random() for _ in range(5)] + list({'x', 'y', 'z'}) + [float(c.sum())]"),
    ];
    await using first = await lease(recipe);
    await using second = await lease(recipe);
    expect(first.restored.differences).toEqual([]);
    expect(await value(first, "values")).toEqual(await value(second, "values"));
    expect(await value(first, "c")).toEqual(await value(second, "c"));
  });

  it("tells a cell that takes too long this time, or kills its kernel, and goes on without it", async () => {
    const recipe = [
      { cell: "c1", source: "x = 1", status: "ok" as const },
      { cell: "c2", source: "import time; time.sleep(60)", status: "ok" as const },
      { cell: "c3", source: "import os; os._exit(1)", status: "ok" as const },
      { cell: "c4", source: "x += 1", status: "ok" as const },
    ];
    await using kernel = await pool().lease({ recipe }, { ...within(1_500), workspace: "hard" });
    expect(kernel.restored.differences).toEqual([
      "c2 did not end within 1.5 s when it was run again.",
      "c3 was left out: it killed the kernel when it was run again.",
    ]);
    expect(await value(kernel, "x")).toBe(2);
    expect(kernel.instead?.recipe.map(({ status }) => status)).toEqual(["ok", "interrupted", "died", "ok"]);
  });

  it("stops at once when it is aborted", async () => {
    const controller = new AbortController();
    const recipe = [step("import time; time.sleep(60)")];
    const leasing = pool().lease(
      { recipe },
      { signal: controller.signal, timeoutMs: 60_000, workspace: "stopped" },
    );
    const reason = new Error("stopped by the test");
    setTimeout(() => controller.abort(reason), 300);
    await expect(leasing).rejects.toBe(reason);
  });
});
