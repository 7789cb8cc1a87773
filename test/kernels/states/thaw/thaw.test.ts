// Durable states with real kernels: what one pool kept, another one thaws, as after a restart of the machine.
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DurableOptions } from "../../../../src/kernels/kernel-options.ts";
import { jupyterKernels } from "../../../../src/kernels/kernel-pool.ts";
import type { KernelLease, KernelPool, RecipeStep } from "../../../../src/contracts/kernel.ts";
import { testPython } from "../../../support/python.ts";
import { testSandbox } from "../../../support/sandbox.ts";
import { run, value, within } from "../../real-kernels.ts";

let root: string;
let pool: KernelPool;
let leases = 0;

const open = (durable: Partial<DurableOptions> = {}): Promise<KernelPool> =>
  jupyterKernels({
    python: { python: testPython },
    workspacesDir: join(root, "workspaces"),
    durable: { dir: join(root, "kernels"), worthMs: 200, ...durable },
    sandbox: testSandbox,
    fork: false,
    keepLive: 0,
  });

const lease = (recipe: readonly RecipeStep[] = []): Promise<KernelLease> =>
  pool.lease({ recipe }, { ...within(30_000), workspace: `w${(leases += 1)}` });

const kept = (...sources: readonly string[]): Promise<readonly RecipeStep[]> => checkpointed({}, sources);

/** A state after these cells, checkpointed by a pool that is gone; another one with the same options is there. */
async function checkpointed(
  durable: Partial<DurableOptions>,
  sources: readonly string[],
): Promise<readonly RecipeStep[]> {
  pool = await open(durable);
  const recipe: RecipeStep[] = [];
  await using first = await lease();
  for (const [index, source] of sources.entries()) {
    const { status, outputs } = await run(first, source);
    expect(status, JSON.stringify(outputs)).toBe("ok");
    recipe.push({ cell: `c${index + 1}`, source, status });
  }
  await first.checkpoint({ recipe }, within(30_000));
  await pool[Symbol.asyncDispose]();
  pool = await open(durable);
  return recipe;
}

/** Takes long, and says in a file of the workspace how often it ran. */
const SLOW = "import time; time.sleep(0.25); open('ran', 'a').write('x'); base = list(range(5))";
const ran = "open('ran').read()";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "nbe-thaw-"));
});
afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const files = (): string => join(root, "kernels", "files");
const bytesKept = async (): Promise<number> => {
  const sizes = (await readdir(files())).map(async (name) => (await stat(join(files(), name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};

describe("a thawed state", () => {
  it("is what it was: shared parts, views, closures, classes, files, random numbers, names of functions", async () => {
    const recipe = await kept(
      SLOW,
      `import random, numpy as np, os
random.seed(1); np.random.seed(2); rng = np.random.default_rng(3); rng.random()
a = [base]; b = {"a": a}
big = np.arange(60_000.0); part = big[10:20]
def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up, lambda: n
up, now = counter(); up()
k = 1
def reads_k(): return k
class Point:
    made = []
    def __init__(self): Point.made.append(self)
p = Point()
os.environ["MINE"] = "1"
os.makedirs("sub"); open("sub/note", "w").write("hello")`,
    );
    await using child = await lease(recipe);
    await using twin = await lease(recipe);
    expect([child.restored, twin.restored]).toMatchObject([
      { tier: "thaw", differences: [] },
      { tier: "thaw", differences: [] },
    ]);
    await run(child, "a.append(1); part += 1; up(); k = 5; Point()");
    const seen = `[b["a"], float(big[10]), big.flags.owndata, now(), reads_k(), len(Point.made), p is Point.made[0],
      os.environ["MINE"], open("sub/note").read(), ${ran}, random.random(), float(np.random.rand()), float(rng.random())]`;
    const head = (of: unknown): unknown => (Array.isArray(of) ? of.slice(0, 10) : of);
    const changed = await value(child, seen);
    expect(head(changed)).toMatchObject([
      [[0, 1, 2, 3, 4], 1],
      { $float: "11.0" },
      true,
      2,
      5,
      2,
      true,
      "1",
      "hello",
      "x",
    ]);
    const untouched = await value(twin, seen);
    expect(head(untouched)).toMatchObject([
      [[0, 1, 2, 3, 4]],
      { $float: "10.0" },
      true,
      1,
      1,
      1,
      true,
      "1",
      "hello",
      "x",
    ]);
    const drawn = (of: unknown): unknown => (Array.isArray(of) ? of.slice(10) : of);
    expect(drawn(changed)).toEqual(drawn(untouched));
    await using replayed = await lease([...recipe, { cell: "c9", source: "k = 7", status: "ok" }]);
    expect(replayed.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(await value(replayed, ran)).toBe("x");
    expect(drawn(await value(replayed, seen))).toEqual(drawn(untouched));
  });

  it("makes again what cannot be kept, over the kept parts, without the slow cell", async () => {
    const recipe = await kept(
      SLOW,
      "lines = (one for one in base); next(lines)",
      "later = sum(base); import numpy; zeros = numpy.zeros(1_000_000)",
    );
    await using child = await lease(recipe);
    expect(child.restored).toMatchObject({ tier: "thaw", differences: [] });
    expect(await value(child, `[list(lines), base, later, ${ran}, int(zeros.sum())]`)).toEqual([
      [1, 2, 3, 4],
      [0, 1, 2, 3, 4],
      10,
      "x",
      0,
    ]);
  });

  it("is replayed, with the reason, where its files are damaged, and kept anew", async () => {
    const recipe = await kept(SLOW, "import numpy as np; big = np.arange(100_000)");
    for (const name of await readdir(files())) {
      const file = join(files(), name);
      if ((await stat(file)).size < 50_000) await appendFile(file, "x");
      else await truncate(file, 1000);
    }
    await using replayed = await lease(recipe);
    expect(replayed.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(replayed.restored.reason).toMatch(/^not thawed: .*damaged/);
    expect(await value(replayed, `[${ran}, int(big.sum())]`)).toEqual(["x", 4_999_950_000]);
    await using again = await lease(recipe);
    expect(again.restored).toMatchObject({ tier: "thaw", differences: [] });
  });

  it("is not believed when it is not the same, and its lineage is replayed", async () => {
    const recipe = await kept(
      SLOW,
      "class Odd:\n    def __getstate__(self): return {'n': 2}\nodd = Odd(); odd.n = 1",
    );
    await using replayed = await lease(recipe);
    expect(replayed.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(replayed.restored.reason).toBe("not thawed: what was thawed is not the same: odd differs now.");
    expect(await value(replayed, "odd.n")).toBe(1);
    await using again = await lease(recipe);
    expect(again.restored.tier).toBe("replay");
  });
});

describe("the store", () => {
  it("holds what generations share once, and only what the limits let it", async () => {
    const recipe = await kept(
      SLOW,
      "import numpy as np; rng = np.random.default_rng(1); big = rng.random(500_000)",
    );
    const first = await bytesKept();
    expect(first).toBeGreaterThan(4_000_000);
    const more = { cell: "c8", source: "import time; time.sleep(0.3); small = [1]", status: "ok" } as const;
    await using child = await lease([...recipe, more]);
    await using grandchild = await lease([...recipe, more]);
    expect([child.restored.tier, grandchild.restored.tier]).toEqual(["replay", "thaw"]);
    expect((await bytesKept()) - first).toBeLessThan(100_000);
    await pool[Symbol.asyncDispose]();
    pool = await open({ runBytes: 1_000_000 });
    await using other = await lease();
    await run(other, SLOW);
    await other.checkpoint({ recipe: [{ cell: "c1", source: SLOW, status: "ok" }] }, within(30_000));
    expect(await bytesKept()).toBeLessThan(1_000_000);
    await using replayed = await lease(recipe);
    expect(replayed.restored).toMatchObject({ tier: "replay" });
    expect(await readFile(join(root, "workspaces", `w${leases}`, "ran"), "utf8")).toBe("x");
  });
});
