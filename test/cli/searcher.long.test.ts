// Tasks that declare no `problem`, played by the offline model with the real command line: a fit, an assignment, a choice,
// and two tours come to the optimum that libraries find.
// Long: each is a whole run of searches with tens of thousands of tries.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../support/cli.ts";
import { testPython } from "../support/python.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-searcher-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const taskFile = (name: string): string => pathOf(`../fixtures/tasks/${name}.ipynb`);

/** The best score that there is, by a library. */
async function optimum(name: string, parameters: readonly string[]): Promise<number> {
  const args = [pathOf("optima.py"), taskFile(name), ...parameters];
  return Number((await promisify(execFile)(testPython, args)).stdout);
}

/** The score of the best, in a run that may stop at the target. */
async function play(
  name: string,
  parameters: readonly string[],
  proposals: number,
  target: number,
): Promise<number> {
  const dir = join(root, [name, ...parameters].join("-"));
  const given = parameters.flatMap((one) => ["--param", one]);
  const asked = ["--model", "offline", "--seed", "1", "--order", "as-proposed", "--json", "--dir", dir];
  const { code, stdout, stderr } = await runCli([
    ...["run", taskFile(name), ...given, ...asked],
    ...["--proposals", String(proposals), "--target", String(target)],
  ]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).best.metrics.score;
}

/** How far a score may be from the optimum, as a share of it, and how many proposals it takes at most. */
test.each<[string, readonly string[], number, number]>([
  ["curve-fit", [], 1e-6, 4],
  ["assignment", [], 0.01, 16],
  ["knapsack", [], 0.01, 12],
  ["tour", ["cities=circle"], 0.01, 4],
  ["tour", ["cities=anywhere"], 0.01, 8],
])("%s %j comes to its optimum", async (name, parameters, share, proposals) => {
  const best = await optimum(name, parameters);
  if (parameters.includes("cities=circle")) expect(best).toBeCloseTo(60 * Math.sin(Math.PI / 30), 9);
  const enough = name === "knapsack" ? best * (1 - share) : best * (1 + share);
  const found = await play(name, parameters, proposals, enough);
  expect(Math.abs(found - best) / Math.abs(best)).toBeLessThan(share);
});
