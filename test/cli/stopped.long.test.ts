// A controller that is stopped for longer than a cell may take: what the kernel did meanwhile counts.
// Long: the cell's time limit passes while it is stopped.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { until } from "../support/processes.ts";

/** Of a cell; it takes 0.3 s. */
const LIMIT_MS = 3_000;

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-stopped-"));
  const notebook = JSON.parse(numbersNotebook());
  notebook.metadata.nbevolve.limits = { cellTimeoutMs: LIMIT_MS };
  await writeFile(join(root, "numbers.ipynb"), JSON.stringify(notebook));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a cell that ended while the controller was stopped has ended, and was not interrupted", async () => {
  const dir = join(root, "run");
  await using server = await numbersServer(undefined, true);
  const model = ["--model", "openai:served", "--base-url", server.baseURL, "--reproduce", "none"];
  const started = startCli([
    ...["run", join(root, "numbers.ipynb"), ...model, "--seed", "1"],
    ...["--proposals", "1", "--parallel", "1", "--dir", dir],
  ]);
  // The cell leaves a file as soon as it runs.
  const hasMark = (): boolean => {
    const folder = join(dir, "workspaces");
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
    return names.some((name) => name.includes("mark-"));
  };
  await until(hasMark);
  const { pid = 0 } = started.process;
  process.kill(pid, "SIGSTOP");
  const from = performance.now();
  await until(() => performance.now() - from > LIMIT_MS + 2_000);
  process.kill(pid, "SIGCONT");
  const ended = await started.ended;
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toMatch(/^1 episode, 0 failed/m);
  expect(readFileSync(join(dir, "branches", "b1.ipynb"), "utf8")).not.toContain("interrupted");
});
