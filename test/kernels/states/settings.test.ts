// What no name holds comes back in every tier: where the kernel stands, contexts, paths, files. What cannot is a reason.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { jupyterKernels } from "../../../src/kernels/kernel-pool.ts";
import type { JupyterKernelsOptions } from "../../../src/kernels/kernel-options.ts";
import type { KernelPool, RecipeStep } from "../../../src/contracts/kernel.ts";
import { testPython } from "../../support/python.ts";
import { run, step, value, within } from "../real-kernels.ts";

const linux = process.platform === "linux";

async function openPool(more: (root: string) => Partial<JupyterKernelsOptions>): Promise<KernelPool> {
  const root = await mkdtemp(join(tmpdir(), "nbe-settings-"));
  const python = { python: testPython };
  const pool = await jupyterKernels({
    ...{ python, workspacesDir: join(root, "ws"), sandbox: "off", ...more(root) },
  });
  onTestFinished(async () => {
    await pool[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  return pool;
}

const lease = (pool: KernelPool, workspace: string, recipe: readonly RecipeStep[] = []) =>
  pool.lease({ recipe }, { ...within(60_000), workspace });

const CHANGE = `import contextvars, decimal, os, signal, socket, sys, time, warnings
import numpy as np
os.makedirs("data/deep"); os.chdir("data/deep"); open("x.txt", "w").write("42")
os.environ["HERE"] = os.getcwd(); os.environ["TZ"] = "EST5EDT"; time.tzset(); sys.path.insert(0, os.getcwd())
decimal.getcontext().prec = 5; np.seterr(all="ignore"); np.set_printoptions(precision=2)
os.umask(0o777); sys.setrecursionlimit(400); socket.setdefaulttimeout(0.001); warnings.simplefilter("error")
signal.signal(signal.SIGUSR1, signal.SIG_IGN)`;
/** Nothing of this can be kept in a file. */
const MORE = `opened = open("x.txt"); opened.read(1)
v = contextvars.ContextVar("v"); v.set("mine")`;
const SEEN = `[open("x.txt").read(), os.environ["HERE"] == os.getcwd() == sys.path[0], time.tzname[0], opened.read(),
  str(decimal.Decimal(1) / 3), np.geterr()["divide"], str(np.array([1.2345])), v.get(), os.umask(0o777),
  sys.getrecursionlimit(), socket.getdefaulttimeout(), warnings.filters[0][0], int(signal.getsignal(signal.SIGUSR1)),
  os.path.relpath(os.getcwd(), os.environ["PWD"])]`;

describe("what no name holds", () => {
  type Case = readonly [
    tier: string,
    options: (root: string) => Partial<JupyterKernelsOptions>,
    keeps: boolean,
  ];
  const tiers: readonly Case[] = [
    ["fork", () => ({ fork: true }), true],
    ["reuse", () => ({ fork: false }), true],
    ["thaw", (root) => ({ fork: false, keepLive: 0, durable: { dir: join(root, "k"), worthMs: 0 } }), true],
    ["replay", () => ({ fork: false }), false],
  ];
  it.each(tiers.filter(([tier]) => linux || tier !== "fork"))(
    "comes back by %s",
    async (tier, options, keeps) => {
      const pool = await openPool(options);
      // A thawed state is judged by the cells that are left out.
      const sources = ["import time; time.sleep(0.4)", CHANGE, MORE];
      const recipe = sources.map((source) => step(source));
      const parent = await lease(pool, "parent");
      for (const source of sources) expect((await run(parent, source)).status).toBe("ok");
      const expected = await parent.describe?.(within(60_000));
      if (keeps) await parent.checkpoint({ recipe }, within(60_000));
      await parent[Symbol.asyncDispose]();
      await using child = await lease(pool, "child", recipe);
      expect(child.restored, child.restored.reason).toMatchObject({ tier, differences: [] });
      expect(await child.describe?.(within(60_000))).toEqual(expected);
      expect(await value(child, SEEN)).toEqual([
        ...["42", true, "EST", "2", "0.33333", "ignore", "[1.23]", "mine", 0o777],
        ...[400, { $float: "0.001" }, "error", 1, "data/deep"].map((one) =>
          typeof one === "object" ? 0.001 : one,
        ),
      ]);
    },
  );

  it.skipIf(!linux)(
    "is told when it differs, and is a reason where no other process can have it",
    async () => {
      const pool = await openPool(() => ({ fork: true, keepLive: 0 }));
      const fork = async (source: string, workspace: string) => {
        await using parent = await lease(pool, workspace);
        const recipe = [step(source, (await run(parent, source)).status)];
        await parent.checkpoint({ recipe }, within(60_000));
        await parent[Symbol.asyncDispose]();
        await using child = await lease(pool, `${workspace}-child`, recipe);
        return child.restored;
      };
      expect(await fork("import signal; signal.setitimer(signal.ITIMER_REAL, 900)", "timer")).toMatchObject({
        tier: "replay",
        reason: "not forked: a timer runs (signal.setitimer or signal.alarm)",
      });
      expect(
        await fork("import os, tempfile; os.chdir(tempfile.mkdtemp()); os.rmdir(os.getcwd())", "gone"),
      ).toMatchObject({
        tier: "replay",
        reason: "not forked: the working directory was deleted",
      });
      const chance = "import os, signal, threading; os.environ['N'] = str(os.getpid()); signal.alarm(900)";
      expect((await fork(chance, "chance")).differences).toEqual(["the environment differs now."]);
    },
  );
});
