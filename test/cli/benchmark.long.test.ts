// The main job as it is advertised: the benchmark, the offline model, one seed - twice, killed, and re-run in fresh kernels.
// Long: two whole runs of the offline model on a shipped benchmark, and a fresh kernel for each branch.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPython } from "../../src/machine/python/find-python.ts";
import { runCli, startCli } from "../support/cli.ts";
import { noneRemain, until } from "../support/processes.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-benchmark-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The offline model's shortest proposals: nothing that is tested here needs better ones. */
const ARGS =
  "run circles-square-26 --model offline:tries=1,explorations=1 --seed 1 --order as-proposed --proposals 8 --parallel 2 --json";
const at = (dir: string): string[] => [...ARGS.split(" "), "--dir", join(root, dir)];

/** Which branch was the best for a while, and so was re-run in a fresh kernel, depends on when a run was killed. */
const settled = <T extends object>(branch: T) => ({ ...branch, path: "", reproduced: undefined });

/** What must not depend on the moment. */
async function outcome(dir: string, stdout: string) {
  const { best, failures } = JSON.parse(stdout);
  const shown = JSON.parse((await runCli(["show", join(root, dir), "--json"])).stdout);
  const branches: { branch: string; fitness: number }[] = shown.branches;
  const number = ({ branch }: { branch: string }): number => Number(branch.slice(1));
  return {
    best: settled(best),
    failures,
    branches: branches.toSorted((a, b) => number(a) - number(b)).map(settled),
  };
}

test(
  "the same seed gives the same run, killed or not, and its notebooks re-run top to bottom",
  { timeout: 480_000 },
  async () => {
    const first = await runCli(at("first"));
    expect(first.code, first.stderr).toBe(0);
    const expected = await outcome("first", first.stdout);
    expect(expected.branches).toHaveLength(9);
    expect(expected.best.fitness).toBeGreaterThan(2.5);

    const killed = startCli(at("again"));
    await until(() => (killed.stderr().match(/^b\d+ /gm) ?? []).length >= 3, 240_000);
    killed.process.kill("SIGKILL");
    await killed.ended;
    await noneRemain([join(root, "again")]);
    const resumed = await runCli(["resume", join(root, "again"), "--json"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await outcome("again", resumed.stdout)).toEqual(expected);

    const { python } = await findPython();
    const validator = [
      fileURLToPath(new URL("../fixtures/validate_notebooks.py", import.meta.url)),
      join(root, "first", "branches"),
    ];
    const { stdout } = await promisify(execFile)(python, validator);
    const { complaints, layoutDiffers } = JSON.parse(stdout);
    expect(Object.keys(complaints)).toHaveLength(9);
    expect(Object.values(complaints)).toEqual(Array.from({ length: 9 }, () => ""));
    expect(layoutDiffers).toEqual([]);
    for (const { branch, fitness } of expected.branches) {
      const notebook = join(root, "first", "branches", `${branch}.ipynb`);
      const rerun = await runCli(["verify", "circles-square-26", notebook, "--json"]);
      expect(rerun.code, rerun.stderr).toBe(0);
      expect(JSON.parse(rerun.stdout)).toMatchObject({ notes: [], verdict: { fitness } });
    }
  },
);
