// People in the loop, as a user has it: a run in one terminal, what is sent to it from another.
// Long: a run, its resumption and its replay, with fifteen commands in processes of their own.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newDeferred } from "../../src/core/deferred.ts";
import { injectNotebook, pauseRun, steerRun, stopRun, unpauseRun } from "../../src/run/control.ts";
import { runCli, startCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { until } from "../support/processes.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-commands-"));
  await writeFile(join(root, "numbers.ipynb"), numbersNotebook());
  const cell = {
    cell_type: "code",
    metadata: {},
    execution_count: null,
    outputs: [],
    source: "submission = [0.7, 0.7]",
  };
  const mine = { nbformat: 4, nbformat_minor: 4, metadata: {}, cells: [cell] }; // no ids: an older format
  await writeFile(join(root, "mine.ipynb"), JSON.stringify(mine));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("steer, inject, pause and stop reach a live run, wait for one that rests, and replay", async () => {
  const [asked, answer] = [newDeferred(), newDeferred()];
  await using server = await numbersServer(async (number) => {
    if (number > 1) return;
    asked.resolve();
    await answer.promise;
  });
  const dir = join(root, "run");
  const where = ["--model", "openai:served", "--base-url", server.baseURL, "--dir", dir];
  const options = ["--seed", "1", "--order", "as-proposed", "--parallel", "1", "--proposals", "3", "--json"];
  const run = startCli(["run", join(root, "numbers.ipynb"), ...options, ...where]);
  const early = await Promise.race([asked.promise, run.ended]);
  if (early !== undefined) throw new Error(`the run ended: ${early.stderr}`);

  const send = (...args: readonly string[]) => runCli([args[0] ?? "", dir, ...args.slice(1)]);
  const steered = await send("steer", "try a hexagonal start", "--proposals", "1");
  expect(steered.stdout).toBe("taken: the model of the next proposal reads it\n");
  const paused = await pauseRun(dir); // a program may send what a person may
  expect(paused).toMatchObject({ isLive: true, command: { kind: "pause" } });
  await unpauseRun(dir);
  expect((await send("stop")).stdout).toMatch(/^stopping/);
  await expect(injectNotebook(dir, join(root, "none.ipynb"))).rejects.toThrow(/cannot read .*none\.ipynb/);
  answer.resolve();
  const ended = await run.ended;
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ stopped: "asked", episodes: 1 });
  expect(ended.stderr).toContain('steered, the next proposal: "try a hexagonal start"\npaused: ');

  expect(await send("pause")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^no run is live in/),
  });
  expect((await send("inject", join(root, "mine.ipynb"))).stdout).toMatch(/^kept: no run is live in/);
  await expect(steerRun(dir, "no", { branch: "b9" })).rejects.toThrow("has no branch b9; it has b0, b1");
  const resting = await send("show");
  expect(resting.stdout).toContain("waiting for the run: an injected notebook\n");
  expect(resting.stdout).toContain("stopped on request");
  expect((await send("show", "best")).stdout).toMatch(/^b\d+: improve of b\d+/);

  const resumed = await runCli(["resume", dir, "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ stopped: "budget", episodes: 4, proposals: 4 });
  expect(await readdir(join(dir, "inbox"))).toEqual([]);
  const shown: { branches: { branch: string; operator: string; fitness: number }[] } = JSON.parse(
    (await send("show", "--json")).stdout,
  );
  const injected = shown.branches.find(({ operator }) => operator === "inject");
  expect(injected?.fitness).toBeCloseTo(0.49, 10);
  const told = server.requests.filter(({ body }) => JSON.stringify(body).includes("says: try a hexagonal"));
  expect(told.length).toBeGreaterThan(0);
  const replayed = await send("replay", "--execute");
  expect(replayed.stdout).toContain("all 3 decisions are the strategy's");
  expect(replayed.stdout).toMatch(
    /^4 episodes played again: (\d+) of \1 cells and 3 of 3 scores are the same\nno difference$/m,
  );
}, 180_000);

test("who steers a run of the offline model reads that it reads no notes", async () => {
  const dir = join(root, "offline");
  const run = startCli(["run", "circles-square-26", "--dir", dir, "--target", "none", "--proposals", "100"]);
  await until(() => /^b0 /m.test(run.stderr()) || run.process.exitCode !== null);
  await pauseRun(dir);
  const steered = await runCli(["steer", dir, "try a hexagonal start"]);
  await stopRun(dir);
  expect((await run.ended).code).toBe(0);
  expect(steered.stdout).toBe(
    "taken; but this run was started with the offline model, which reads no notes\n",
  );
}, 180_000);
