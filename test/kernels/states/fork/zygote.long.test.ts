// Frozen kernels that children are forked from: what they keep, what they refuse, and what they cost.
// Long: each test freezes and forks kernels of its own; fork.test.ts has the tier as a run uses it.
import { describe, expect, it, onTestFinished } from "vitest";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelEvent } from "../../../../src/kernels/kernel-options.ts";
import { jupyterKernels } from "../../../../src/kernels/kernel-pool.ts";
import type { KernelLease, KernelPool } from "../../../../src/contracts/kernel.ts";
import { testPython } from "../../../support/python.ts";
import { run, step, value, within } from "../../real-kernels.ts";

const linux = process.platform === "linux";

async function preloading(
  preload: readonly string[],
  modules: Readonly<Record<string, string>> = {},
): Promise<{
  pool: KernelPool;
  told: readonly KernelEvent[];
  lease: (name: string) => Promise<KernelLease>;
}> {
  const root = await mkdtemp(join(tmpdir(), "nbe-zygote-"));
  for (const [name, source] of Object.entries(modules)) await writeFile(join(root, name), source);
  const told: KernelEvent[] = [];
  const options = { python: { python: testPython }, workspacesDir: root, sandbox: "off" } as const;
  const pool = await jupyterKernels({ ...options, preload, onEvent: (event) => void told.push(event) });
  onTestFinished(async () => {
    await pool[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  const lease = (workspace: string): Promise<KernelLease> =>
    pool.lease({ recipe: [] }, { ...within(60_000), workspace });
  return { pool, told, lease };
}

describe.skipIf(!linux)("fresh kernels", () => {
  it("begin with the modules loaded that cells import, each with numbers of its own and no names", async () => {
    const cells = [
      "%matplotlib inline\nimport decimal, not_there\nfrom numpy.random import rand",
      "this is no Python",
      "def later():\n    import wave",
    ];
    const { told, lease } = await preloading(cells);
    const kernels = await Promise.all(["a", "b", "c"].map(lease));
    expect(told).toContainEqual(
      expect.objectContaining({ type: "preloaded", modules: ["decimal", "numpy.random"] }),
    );
    const seen =
      "[m in __import__('sys').modules for m in ('decimal', 'numpy', 'wave')] + ['decimal' in globals()]";
    for (const kernel of kernels) {
      expect(kernel.restored.tier).toBe("fresh");
      expect(await value(kernel, seen)).toEqual([true, true, false, false]);
      expect((await run(kernel, "1")).outputs).toMatchObject([{ execution_count: 1 }]);
    }
    const drawn = await Promise.all(
      kernels.map((kernel) =>
        value(kernel, "[__import__('random').random(), __import__('numpy').random.rand()]"),
      ),
    );
    expect(new Set(drawn.flat()).size).toBe(6);
    await Promise.all(kernels.map((kernel) => kernel[Symbol.asyncDispose]()));
  });

  it("can be forked themselves, and have a workspace of their own", async () => {
    const { pool, lease } = await preloading(["import decimal"]);
    await using first = await lease("first");
    await using second = await lease("second");
    expect(await value(second, "__import__('os').getcwd()")).toMatch(/second$/);
    const recipe = [step("x = 1")];
    await run(second, "x = 1");
    await second.checkpoint({ recipe }, within(60_000));
    await using child = await pool.lease({ recipe }, { ...within(60_000), workspace: "child" });
    expect([child.restored.tier, await value(child, "x")]).toEqual(["fork", 1]);
    expect(await value(first, "globals().get('x')")).toBeNull();
  });

  it("are started as ever once a fork hung: the cell ends as it would have without", async () => {
    const { told, lease } = await preloading(["import decimal"]);
    await using first = await lease("first");
    await using second = await lease("second");
    const hanging = "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()";
    expect((await second.execute(hanging, within(6_000))).status).toBe("interrupted");
    expect(told).toContainEqual({ type: "not-preloaded", reason: "a kernel that was forked after it hung" });
    expect(await value(first, "1 + 1")).toBe(2);
  });

  it("are started as ever where what was loaded cannot be forked, and that is told", async () => {
    const { told, lease } = await preloading(["import threaded"], {
      "threaded.py":
        "import threading; threading.Thread(target=threading.Event().wait, name='mine', daemon=True).start()",
    });
    await using first = await lease("first");
    await using second = await lease("second");
    expect([await value(first, "1 + 1"), await value(second, "1 + 1")]).toEqual([2, 2]);
    expect(told).toContainEqual({ type: "not-preloaded", reason: "the thread 'mine' runs" });
  });
});
