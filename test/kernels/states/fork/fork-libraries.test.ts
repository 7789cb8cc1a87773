// Libraries with thread pools of their own, in parent, child and grandchild. Each is skipped where it is not installed:
// NBEVOLVE_PYTHON=<an environment with them> npx vitest run test/kernels/states/fork/fork-libraries.test.ts
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { RecipeStep } from "../../../../src/contracts/kernel.ts";
import { testPython } from "../../../support/python.ts";
import { run, step, useRealKernels, value, within } from "../../real-kernels.ts";

const linux = process.platform === "linux";
const { lease } = useRealKernels({ fork: true });

const isInstalled = (module: string): boolean =>
  spawnSync(testPython, ["-c", `import importlib.util as u, sys; sys.exit(u.find_spec("${module}") is None)`])
    .status === 0;

const missing = (module: string): string => (isInstalled(module) ? "" : ` (${module} is not installed)`);

const DATA =
  "import numpy as np\nrng = np.random.default_rng(0); X = rng.normal(size=(4000, 8)); y = X[:, 0] ** 2 + X[:, 1]";

/** What each does twice must give the same, in whatever process. With more threads than one, or nothing is shown. */
const SURVIVE = [
  ["numpy", "", "float((X.T @ X).sum())"],
  ["scipy", "from scipy import linalg", "float(linalg.svdvals(X[:500]).sum())"],
  [
    "pandas",
    "import pandas as pd",
    "float(pd.DataFrame(X).groupby(np.arange(4000) % 7).mean().to_numpy().sum())",
  ],
  [
    "sklearn",
    "from sklearn.cluster import KMeans",
    "float(KMeans(5, n_init=2, random_state=0).fit(X).inertia_)",
    "KMeans",
  ],
  [
    "sklearn",
    "from sklearn.ensemble import HistGradientBoostingRegressor as H",
    "float(H(max_iter=20, random_state=0).fit(X, y).predict(X[:50]).sum())",
    "HistGradientBoosting",
  ],
  [
    "sklearn",
    "from sklearn.ensemble import RandomForestRegressor as R",
    "float(R(20, n_jobs=2, random_state=0).fit(X, y).predict(X[:50]).sum())",
    "a forest with two jobs",
  ],
  [
    "lightgbm",
    "import lightgbm as lgb",
    "float(lgb.train({'verbose': -1, 'num_threads': 2, 'deterministic': True}, lgb.Dataset(X, y), 20).predict(X[:50]).sum())",
  ],
  [
    "torch",
    "import torch; torch.set_num_threads(2)",
    "float((torch.from_numpy(X).T @ torch.from_numpy(X)).sum()) + float(torch.nn.functional.conv1d(torch.ones(8, 4, 4096), torch.ones(4, 4, 9)).sum())",
  ],
] as const;

describe.skipIf(!linux)("after a fork", () => {
  for (const [module, setup, work, what = module] of SURVIVE)
    it.skipIf(!isInstalled(module))(
      `${what} works in parent, child and grandchild${missing(module)}`,
      async () => {
        const source = `import os; os.environ.update(OMP_NUM_THREADS="2", OMP_WAIT_POLICY="passive")\n${DATA}\n${setup}\nwork = lambda: ${work}\nfirst = work()`;
        await using parent = await lease();
        let recipe: readonly RecipeStep[] = [step(source)];
        expect(await run(parent, source)).toMatchObject({ status: "ok" });
        await parent.checkpoint({ recipe }, within(60_000));
        const expected = await value(parent, "first");
        await using child = await lease(recipe);
        const { tier, reason } = child.restored;
        expect({ tier, reason }).toEqual({ tier: "fork", reason: undefined });
        expect(await value(child, "work()")).toBe(expected);
        expect((await run(child, "second = work()")).status).toBe("ok");
        recipe = [...recipe, step("second = work()")];
        await child.checkpoint({ recipe }, within(60_000));
        await using grandchild = await lease(recipe);
        expect(grandchild.restored.tier).toBe("fork");
        expect(await value(grandchild, "work() == first == second")).toBe(true);
        expect(await value(parent, "work()")).toBe(expected);
        // None of them hung and was replayed meanwhile.
        expect([child.restored.tier, grandchild.restored.tier]).toEqual(["fork", "fork"]);
      },
    );

  it.skipIf(!isInstalled("polars"))(
    `polars is refused, and restored by a replay${missing("polars")}`,
    async () => {
      const source =
        "import polars as pl\ntotal = pl.DataFrame({'a': range(100_000)}).lazy().select(pl.col('a').sum()).collect().item()";
      await using parent = await lease();
      expect((await run(parent, source)).status).toBe("ok");
      const recipe = [step(source)];
      await parent.checkpoint({ recipe }, within(60_000));
      await using child = await lease(recipe);
      expect(child.restored).toMatchObject({ tier: "replay", differences: [] });
      expect(child.restored.reason).toContain("the thread pool of polars does not survive a fork");
      expect(await value(child, "total")).toBe(4_999_950_000);
    },
  );
});
