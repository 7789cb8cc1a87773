// Forks, templates and servers that die at a bad moment.
// Long: each death is a real one, of a pool of its own.
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { KernelLease, RecipeStep } from "../../../../src/contracts/kernel.ts";
import { runCompiled } from "../../../support/compiled.ts";
import { processesWith, until } from "../../../support/processes.ts";
import { testPython } from "../../../support/python.ts";
import { openOwnPool } from "../../own-pool.ts";
import { run, step, value, within } from "../../real-kernels.ts";

const linux = process.platform === "linux";

/** Those of one thread: templates, and for a moment kernels that only just start. */
const templates = (folder: string): number[] =>
  processesWith(folder).filter(
    (pid) =>
      /nbevolve_fork\.launcher\0/.test(commandOf(pid)) &&
      !commandOf(pid).includes("stem.py") &&
      threads(pid) === 1,
  );

const commandOf = (pid: number): string =>
  whileThere(() => readFileSync(`/proc/${pid}/cmdline`, "latin1")) ?? "";
const threads = (pid: number): number => whileThere(() => readdirSync(`/proc/${pid}/task`).length) ?? 0;

/** Null when the process has ended meanwhile. */
function whileThere<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

async function checkpointed(lease: KernelLease, source: string): Promise<readonly RecipeStep[]> {
  const recipe = [step(source, (await run(lease, source)).status)];
  await lease.checkpoint({ recipe }, within(60_000));
  return recipe;
}

describe.skipIf(!linux)("a fork is only a cache:", () => {
  it("a template that was killed is replayed", async () => {
    const { folder, lease } = await openOwnPool();
    await using parent = await lease();
    const recipe = await checkpointed(parent, "x = 41");
    await until(() => templates(folder).length === 1);
    for (const pid of templates(folder)) process.kill(pid, "SIGKILL");
    await using child = await lease(recipe);
    expect(child.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(await value(child, "x + 1")).toBe(42);
    await using sibling = await lease(recipe);
    expect(await value(sibling, "x")).toBe(41);
  });

  it("a template outlives the kernel that it came from, and its children outlive it", async () => {
    const { folder, lease } = await openOwnPool();
    const parent = await lease();
    const recipe = await checkpointed(parent, "import os; x = 41");
    await run(parent, "os.kill(os.getpid(), 9)");
    await parent[Symbol.asyncDispose]();
    await using child = await lease(recipe);
    expect(child.restored.tier).toBe("fork");
    for (const pid of templates(folder)) process.kill(pid, "SIGKILL");
    expect(await value(child, "x + 1")).toBe(42);
    expect((await run(child, "os.kill(os.getpid(), 9)")).status).toBe("died");
  });

  it("a server that was killed takes its templates with it, and the next one is right", async () => {
    const { folder, lease, told } = await openOwnPool();
    const parent = await lease();
    const recipe = await checkpointed(parent, "x = 41");
    const [server] = processesWith(folder).filter(
      (pid) => commandOf(pid).includes("nbevolve_kernel.server") && !commandOf(pid).includes("--lifeline-fd"),
    );
    if (server === undefined) throw new Error("there is no server");
    process.kill(server, "SIGKILL");
    await until(() => told.includes("server-lost"));
    await until(() => templates(folder).length === 0); // the guard ends them, some milliseconds after the server
    await parent[Symbol.asyncDispose]();
    await using child = await lease(recipe);
    expect([child.restored.tier, await value(child, "x + 1")]).toEqual(["replay", 42]);
  });

  it("nothing is left of templates and forks when the controller is killed by -9", async () => {
    const folder = await mkdtemp("/tmp/nbe-fork-");
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = folder;
    const options = { python: { python: testPython }, workspacesDir: join(folder, "ws"), fork: true };
    const use = `async ({ jupyterKernels }) => {
      const pool = await jupyterKernels(${JSON.stringify({ ...options, sandbox: "off" })});
      const within = { signal: new AbortController().signal, timeoutMs: 60_000 };
      const parent = await pool.lease({ recipe: [] }, { ...within, workspace: "w" });
      await parent.execute("x = 1", within);
      const recipe = [{ cell: "c1", source: "x = 1", status: "ok" }];
      await parent.checkpoint({ recipe }, within);
      const child = await pool.lease({ recipe }, { ...within, workspace: "v" });
      console.log(child.restored.tier);
      await child.execute("while True: pass", within);
    }`;
    const controller = await runCompiled("src/kernels/kernel-pool.ts", use);
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    const said: unknown[] = await once(controller.stdout, "data");
    expect(String(said[0])).toBe("fork\n");
    await until(() => templates(folder).length === 1);
    if (controller.pid === undefined) throw new Error("the controller did not start");
    process.kill(controller.pid, "SIGKILL");
    await until(() => processesWith(folder).length === 0);
  });
});
