// Fresh kernels into which modules were loaded ahead of the cells.
// Long: each test has a pool of its own.
import { describe, expect, it, onTestFinished } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelEvent } from "../../../src/kernels/kernel-options.ts";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import type { KernelLease, KernelPool } from "../../../src/contracts/kernel.ts";
import { testPython } from "../../support/python.ts";
import { run, step, value, within } from "../real-kernels.ts";

const linux = process.platform === "linux";

async function preloading(preload: readonly string[]): Promise<{
  pool: KernelPool;
  told: readonly KernelEvent[];
  lease: (name: string) => Promise<KernelLease>;
}> {
  const root = await mkdtemp(join(tmpdir(), "nbe-zygote-"));
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
});
