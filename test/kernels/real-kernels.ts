// Owns: a pool of real kernels for one test file, and short ways to use it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { JupyterKernelsOptions } from "../../src/kernels/kernel-options.ts";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import type {
  ExecuteOptions,
  Execution,
  KernelLease,
  KernelPool,
  RecipeStep,
} from "../../src/contracts/kernel.ts";
import type { ExecutionStatus } from "../../src/contracts/notebook.ts";
import { testPython } from "../support/python.ts";

export interface RealKernels {
  readonly pool: () => KernelPool;
  /** Root of the workspaces. */
  readonly root: () => string;
  /** A lease in a workspace of its own, `w1`, `w2`, ... */
  readonly lease: (recipe?: readonly RecipeStep[], workspace?: string) => Promise<KernelLease>;
}

/**
 * One pool for the tests of the file; its kernels and files are gone afterwards. Unboxed unless asked for: several
 * tests look at processes by the ids that kernels know, and these differ in a box.
 */
export function useRealKernels(options: Partial<JupyterKernelsOptions> = {}): RealKernels {
  let pool: KernelPool;
  let root: string;
  let count = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "nbe-test-"));
    pool = await jupyterKernels({
      python: { python: testPython },
      workspacesDir: root,
      sandbox: "off",
      ...options,
    });
  });
  afterAll(async () => {
    await pool[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  return {
    pool: () => pool,
    root: () => root,
    lease: (recipe = [], workspace = `w${(count += 1)}`) =>
      pool.lease({ recipe }, { ...within(60_000), workspace }),
  };
}

export const within = (timeoutMs: number): ExecuteOptions => ({
  timeoutMs,
  signal: new AbortController().signal,
});

/** Runs a cell that has a minute and a half. */
export const run = (lease: KernelLease, source: string): Promise<Execution> =>
  lease.execute(source, within(90_000));

/** The value of an expression; an Evaluation that failed is returned whole. */
export async function value(lease: KernelLease, expression: string): Promise<unknown> {
  const evaluation = await lease.evaluate(expression, within(90_000));
  return evaluation.ok ? evaluation.value : evaluation;
}

export const step = (source: string, status: ExecutionStatus = "ok"): RecipeStep => ({
  cell: "c1",
  source,
  status,
});

/** Runs cells and gives the kernel back with its state kept; the recipe of that state. */
export async function kept(
  lease: KernelLease,
  ...sources: readonly string[]
): Promise<readonly RecipeStep[]> {
  const recipe: RecipeStep[] = [];
  for (const [index, source] of sources.entries()) {
    const { status } = await run(lease, source);
    recipe.push({ cell: `c${index + 1}`, source, status });
  }
  await lease.checkpoint({ recipe }, within(60_000));
  await lease[Symbol.asyncDispose]();
  return recipe;
}
