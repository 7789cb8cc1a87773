// A machine that restarts: everything of a run is killed at once, and what its kernels held is there again.
// Long: a cell must take more than 5 s before its state is worth keeping on disk.
import { readdir, readFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";
import { numbersServer } from "../support/numbers-server.ts";
import { noneRemain } from "../support/processes.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-durable-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Takes long, and leaves in the workspace when it ran. */
const SLOW = "time.sleep(5.5)\nopen('ran', 'w').write(str(time.time_ns()))\ntable = list(range(1000))";

/** What every workspace says of when the slow cell ran. */
async function stamps(dir: string): Promise<readonly string[]> {
  const workspaces = (await readdir(join(dir, "workspaces"))).filter((name) => /^[bp]\d/.test(name));
  return Promise.all(workspaces.map((name) => readFile(join(dir, "workspaces", name, "ran"), "utf8")));
}

it("goes on without running the founder's long cell again", async () => {
  const notebook = join(root, "numbers.ipynb");
  const dir = join(root, "run");
  await writeFile(notebook, numbersNotebook([["", SLOW]]));
  const flags = "--proposals 3 --parallel 1 --seed 1 --reproduce none --json --model openai:served".split(
    " ",
  );
  const kill: { now: () => void } = { now: () => undefined };
  await using first = await numbersServer((number) => {
    if (number === 3) kill.now();
  });
  const running = startCli(["run", notebook, ...flags, "--base-url", first.baseURL, "--dir", dir]);
  kill.now = () => void running.process.kill("SIGKILL");
  expect((await running.ended).signal).toBe("SIGKILL");
  await noneRemain([dir]);
  await using second = await numbersServer();
  const resumed = await runCli(["resume", dir, "--base-url", second.baseURL, "--json"]);
  expect(resumed.code, resumed.stderr).toBe(0);
  const ran = await stamps(dir);
  expect(ran.length).toBeGreaterThanOrEqual(4);
  expect(new Set(ran).size).toBe(1);
});
