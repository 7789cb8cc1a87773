import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import { runCompiled } from "../support/compiled.ts";
import { processesWith, until } from "../support/processes.ts";
import { testPython } from "../support/python.ts";
import { noSandbox, testSandbox } from "../support/sandbox.ts";
import { run, value, within } from "./real-kernels.ts";

/** A folder for everything temporary; its name is in the environment of every process of a pool that is started now. */
async function temporary(): Promise<string> {
  const before = process.env["TMPDIR"];
  const folder = await mkdtemp("/tmp/nbe-left-");
  process.env["TMPDIR"] = folder;
  onTestFinished(async () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

const options = (folder: string) => ({
  python: { python: testPython },
  workspacesDir: join(folder, "ws"),
  sandbox: testSandbox,
});

/** Leaves a child that left its session and its parent. */
const DAEMON = `import subprocess, sys
subprocess.run([sys.executable, "-c", """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(600)
    os._exit(0)
"""])`;

it.each([
  ["is killed by -9 while a cell runs", (pid: number) => process.kill(pid, "SIGKILL")],
  ["gets a Ctrl-C that nobody handles", (pid: number) => process.kill(pid, "SIGINT")],
  ["is told to end", (pid: number) => process.kill(pid, "SIGTERM")],
])("leaves no process when the controller %s", async (_, end) => {
  const folder = await temporary();
  const use = `async ({ jupyterKernels }) => {
    const pool = await jupyterKernels(${JSON.stringify(options(folder))});
    const signal = new AbortController().signal;
    const lease = await pool.lease({ recipe: [] }, { signal, workspace: "w", timeoutMs: 60_000 });
    const first = await lease.execute(${JSON.stringify(DAEMON)}, { signal, timeoutMs: 60_000 });
    console.log("first cell: " + first.status);
    await lease.execute("while True: pass", { signal, timeoutMs: 600_000 });
  }`;
  const controller = await runCompiled("src/kernels/kernel-pool.ts", use);
  const said: unknown[] = await once(controller.stdout, "data");
  // The library prints what it does on stdout: nothing of that may be seen here.
  expect(String(said[0])).toBe("first cell: ok\n");
  // The guard, the server, a kernel and its daemon, and the kernel that is kept warm.
  expect(processesWith(folder).length).toBeGreaterThanOrEqual(4);
  if (controller.pid === undefined) throw new Error("the controller did not start");
  end(controller.pid);
  await until(() => processesWith(folder).length === 0);
  if (noSandbox !== null) return;
  // Who resumes clears what is left of the boxes, but for the workspace that is shown.
  const boxes = join(folder, "ws", ".boxes");
  const [left = ""] = await readdir(boxes);
  expect(await readdir(join(boxes, left))).toHaveLength(3);
  await using _next = await jupyterKernels(options(folder));
  const shown = relative(boxes, await realpath(join(folder, "ws", "w"))).split("/");
  expect(shown).toEqual([left, expect.stringMatching(/^box-/), "w"]);
  expect((await readdir(join(boxes, left), { recursive: true })).toSorted()).toEqual([
    shown[1],
    `${shown[1]}/w`,
  ]);
});

it("leaves neither process nor temporary file when it is closed, whatever is under way", async () => {
  const folder = await temporary();
  const pool = await jupyterKernels(options(folder));
  const lease = await pool.lease({ recipe: [] }, { ...within(60_000), workspace: "w" });
  await run(lease, DAEMON);
  const running = lease.execute("open('begun', 'w')\nwhile True: pass", within(60_000));
  await until(() => existsSync(join(folder, "ws", "w", "begun")));
  const starting = pool.lease({ recipe: [] }, { ...within(60_000), workspace: "v" });
  const outcome = Promise.allSettled([running, starting]);
  await pool[Symbol.asyncDispose]();
  expect(processesWith(folder)).toEqual([]);
  expect(await readdir(folder)).toEqual(["ws"]);
  const [execution, leased] = await outcome;
  expect(execution).toMatchObject({ status: "fulfilled", value: { status: "died" } });
  expect(leased.status).toBe("rejected");
});

it("leaves nothing when it is aborted while it starts", async () => {
  const folder = await temporary();
  for (const afterMs of [0, 30, 150]) {
    const stop = new AbortController();
    const reason = new Error("stopped by the test");
    setTimeout(() => stop.abort(reason), afterMs);
    await expect(jupyterKernels({ ...options(folder), signal: stop.signal })).rejects.toBe(reason);
    expect(processesWith(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual(["ws"]);
  }
});

it("ends a kernel with its lease, unless its state is kept", async () => {
  const folder = await temporary();
  // A box has process ids of its own.
  await using pool = await jupyterKernels({ ...options(folder), sandbox: "off" });
  const lease = await pool.lease({ recipe: [] }, { ...within(60_000), workspace: "w" });
  const pid = Number(await value(lease, "__import__('os').getpid()"));
  await lease[Symbol.asyncDispose]();
  expect(processesWith(folder)).not.toContain(pid);
});
