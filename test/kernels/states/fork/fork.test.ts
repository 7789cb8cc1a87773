import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KernelLease, RecipeStep } from "../../../../src/contracts/kernel.ts";
import { kept, run, step, useRealKernels, value, within } from "../../real-kernels.ts";

const linux = process.platform === "linux";
const { lease, root } = useRealKernels({ fork: true });

const pid = "__import__('os').getpid()";

async function grown(
  parent: KernelLease,
  recipe: readonly RecipeStep[],
  source: string,
): Promise<readonly RecipeStep[]> {
  const { status } = await run(parent, source);
  const longer = [...recipe, step(source, status)];
  await parent.checkpoint({ recipe: longer }, within(60_000));
  return longer;
}

describe.skipIf(!linux)("a fork", () => {
  it("gives every child the state, and neither siblings nor the parent see what it does", async () => {
    await using parent = await lease();
    const recipe = await grown(parent, [], "x = [0]; import numpy as np; a = np.zeros(1000)");
    await using first = await lease(recipe);
    await using second = await lease(recipe);
    expect([first.restored.tier, second.restored.tier]).toEqual(["fork", "fork"]);
    await run(first, "x.append(1); a += 1");
    await run(second, "x.append(2); a += 2");
    await run(parent, "x.append(3)");
    for (const [kernel, list, sum] of [
      [first, [0, 1], 1000],
      [second, [0, 2], 2000],
      [parent, [0, 3], 0],
    ] as const) {
      expect(await value(kernel, "x")).toEqual(list);
      expect(await value(kernel, "int(a.sum())")).toBe(sum);
    }
    const pids = [await value(parent, pid), await value(first, pid), await value(second, pid)];
    expect(new Set(pids).size).toBe(3);
  });

  it("goes on with the same random numbers, whatever the kernel itself draws", async () => {
    await using parent = await lease();
    const recipe = await grown(
      parent,
      [],
      "import random, numpy as np\nrandom.seed(7); np.random.seed(8); rng = np.random.default_rng(9); random.gauss(0, 1)",
    );
    const next = "[random.random(), random.gauss(0, 1), float(np.random.rand()), float(rng.random())]";
    await using child = await lease(recipe);
    await using sibling = await lease(recipe);
    const expected = await value(parent, next);
    expect(await value(child, next)).toEqual(expected);
    expect(await value(sibling, next)).toEqual(expected);
  });

  it("keeps closures, generators, classes, figures, loggers and magics", async () => {
    const source = `import logging, sys
def counter():
    n = 0
    def up():
        nonlocal n; n += 1; return n
    return up
up = counter(); up()
gen = (i * i for i in range(10)); next(gen); next(gen)
class C:
    seen = []
    def __init__(self): C.seen.append(self)
c = C()
log = logging.getLogger("mine"); log.addHandler(logging.StreamHandler(sys.stdout)); log.setLevel("INFO")
import matplotlib.pyplot as plt
fig, ax = plt.subplots(); ax.plot([1, 2])
out = sys.stdout`;
    await using parent = await lease();
    const recipe = await grown(parent, [], source);
    expect(recipe[0]?.status).toBe("ok");
    await using child = await lease(recipe);
    expect(child.restored).toMatchObject({ tier: "fork", differences: [] });
    expect(await value(child, "[up(), next(gen), C.seen[0] is c, len(ax.lines)]")).toEqual([2, 4, true, 1]);
    const said = await run(
      child,
      "log.info('logged'); out.write('written\\n'); import os; os.write(1, b'raw\\n')",
    );
    expect(JSON.stringify(said.outputs)).toMatch(/logged.*written/);
    expect((await run(child, "%time 1 + 1")).status).toBe("ok");
    expect((await run(child, "fig")).outputs.some((one) => JSON.stringify(one).includes("image/png"))).toBe(
      true,
    );
    expect((await run(child, "1 / 0")).status).toBe("error");
    expect((await run(child, "get_ipython().execution_count")).outputs).toMatchObject([
      { execution_count: 6 },
    ]);
  });

  it("has the files of the checkpoint in a workspace of its own, and files that were open, open there", async () => {
    await using parent = await lease([], "forked-parent");
    const recipe = await grown(
      parent,
      [],
      "open('data.txt', 'w').write('1'); f = open('log.txt', 'w+'); f.write('a'); f.flush(); import os",
    );
    await run(parent, "open('data.txt', 'a').write('later'); f.write('parent'); f.flush()");
    await using child = await lease(recipe, "forked-child");
    await run(child, "open('data.txt', 'a').write('2'); f.write('child'); f.flush()");
    const texts = (name: string): Promise<string[]> =>
      Promise.all(["data.txt", "log.txt"].map((file) => readFile(join(root(), name, file), "utf8")));
    expect(await texts("forked-child")).toEqual(["12", "achild"]);
    expect(await texts("forked-parent")).toEqual(["1later", "aparent"]);
    expect(await value(child, "[os.getcwd(), os.environ['PWD']]")).toEqual(
      [0, 1].map(() => join(root(), "forked-child")),
    );
  });

  it("of the nearest ancestor needs only the rest run again", async () => {
    await using parent = await lease();
    const recipe = await grown(parent, [], "import os; first = os.getpid()");
    await using child = await lease([...recipe, step("second = os.getpid()")]);
    expect(child.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(await value(child, "first == second")).toBe(false);
    expect(await value(child, "first")).toBe(await value(parent, "first"));
  });

  it("is of the state that was kept, whatever its kernel ran afterwards", async () => {
    await using parent = await lease();
    const recipe = await grown(parent, [], "x = ['parent']");
    await run(parent, "x.append('what came afterwards')");
    const longer = [...recipe, step("x.append('child')")];
    await using child = await lease(longer);
    expect(child.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(await value(child, "x")).toEqual(["parent", "child"]);
    await child.checkpoint({ recipe: longer }, within(60_000));
    await using grandchild = await lease(longer);
    expect(grandchild.restored.tier).toBe("fork");
    expect(await value(grandchild, "x")).toEqual(["parent", "child"]);
  });

  it("can be interrupted, and its death is told", async () => {
    await using parent = await lease();
    const recipe = await grown(parent, [], "import os, time; n = 1");
    await using child = await lease(recipe);
    expect((await child.execute("time.sleep(60)", within(300))).status).toBe("interrupted");
    expect(await value(child, "n")).toBe(1);
    const died = await run(child, "os.kill(os.getpid(), 9)");
    expect(died.status).toBe("died");
    expect(JSON.stringify(died.outputs)).toContain("signal 9");
  });
});

describe.skipIf(!linux)("what cannot be forked is replayed, and the reason told:", () => {
  it.each([
    [
      "a pool by the names of its threads",
      `import ctypes, threading
def named():
    ctypes.CDLL(None).prctl(15, b"polars-0", 0, 0, 0); done.wait()
done = threading.Event(); t = threading.Thread(target=named, daemon=True); t.start()`,
      "the thread pool of polars",
    ],
    [
      "a thread",
      "import threading; t = threading.Thread(target=threading.Event().wait, name='mine', daemon=True); t.start()",
      "the thread 'mine' runs",
    ],
    ["a socket", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0))", "socket"],
    ["a process", "import subprocess; p = subprocess.Popen(['sleep', '60'])", "the process sleep runs"],
    ["a task", "import asyncio; t = asyncio.ensure_future(asyncio.sleep(60))", "the asyncio task"],
    [
      "a mapped file",
      "import numpy as np; m = np.memmap('m.bin', dtype='u1', mode='w+', shape=10)",
      "is mapped for writing",
    ],
    [
      "a database",
      "import sqlite3; c = sqlite3.connect('d.db'); c.execute('create table t (x)')",
      "the SQLite database",
    ],
    ["a link out of the workspace", "import os; os.symlink('/etc', 'out')", "leads out of the workspace"],
  ])("%s", async (_, source, reason) => {
    const recipe = await kept(await lease(), source);
    expect(recipe).toMatchObject([{ status: "ok" }]);
    // The one live kernel of the state goes to the first child; the second is replayed.
    await using reused = await lease(recipe);
    await using replayed = await lease(recipe);
    expect(reused.restored.tier).toBe("reuse");
    expect(replayed.restored).toMatchObject({ tier: "replay", differences: [] });
    expect(replayed.restored.reason).toContain(reason);
  });

  it("a fork that hangs is ended, its cell run after a replay, and its lineage not forked again", async () => {
    await using parent = await lease();
    // A lock that a thread holds only in the process that it was made in: as a library's pool does.
    const source = `import os, threading
made_in, lock = os.getpid(), threading.Lock()
def work():
    if os.getpid() != made_in: lock.acquire(); lock.acquire()
    return 42`;
    const recipe = await grown(parent, [], source);
    await using child = await lease(recipe);
    expect(child.restored.tier).toBe("fork");
    const done = await run(child, "work()");
    expect([done.status, child.restored.tier]).toEqual(["ok", "replay"]);
    expect(child.restored.reason).toContain("hung");
    const longer = await grown(child, recipe, "x = 1");
    await using grandchild = await lease(longer);
    expect(grandchild.restored.tier).toBe("replay");
    expect(grandchild.restored.reason).toContain("hung");
  });

  it("a state that was made another way tells what differs", async () => {
    await using parent = await lease();
    await run(parent, "import time; t = time.time_ns(); same = 3; f = lambda: 0");
    const recipe = [step("import time; t = time.time_ns(); same = 3; f = lambda: 0")];
    await run(parent, "import socket; s = socket.socket()");
    const longer = [...recipe, step("import socket; s = socket.socket()")];
    await parent.checkpoint({ recipe: longer }, within(60_000));
    await using child = await lease(longer);
    expect(child.restored).toMatchObject({ tier: "replay", differences: ["t differs now."] });
  });
});
