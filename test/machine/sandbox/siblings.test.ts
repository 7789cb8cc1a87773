// What kernels can do to one another: those of other boxes, and those that were forked from the same one. The real box.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KernelLease } from "../../../src/contracts/kernel.ts";
import { kept, run, useRealKernels, value } from "../../kernels/real-kernels.ts";
import { noSandbox } from "../../support/sandbox.ts";

/** `tried(f, *args)`: what came of it, or the name of the error. */
const TRIED = `
import ctypes, os, resource, signal, socket, glob
libc = ctypes.CDLL(None, use_errno=True)
def tried(attempt):
    try: return repr(attempt())[:100]
    except BaseException as problem: return type(problem).__name__
def found(*patterns):
    return sorted(path for pattern in patterns for path in glob.glob(pattern, recursive=True) if not os.path.isdir(path))
`;

describe.skipIf(noSandbox !== null)(`kernels of other boxes (${noSandbox ?? "real"})`, () => {
  const { lease } = useRealKernels({ sandbox: "on" });
  let one: KernelLease;
  let other: KernelLease;
  beforeAll(async () => {
    one = await lease();
    other = await lease();
    await run(
      other,
      "import os\nopen('secret', 'w').write('x')\nopen('/tmp/secret', 'w').write('x')\nopen('/dev/shm/secret', 'w').write('x')",
    );
    await run(
      other,
      "import socket\nabstract = socket.socket(socket.AF_UNIX); abstract.bind('\\0secret'); abstract.listen()",
    );
    await run(one, TRIED);
  });
  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  test.each([
    ["connection files", "found('/tmp/**/*.json', '/nbevolve-work/**/*.json', '/run/**', '/dev/shm/**')"],
    ["files in temporary folders", "found('/tmp/secret', '/dev/shm/secret', '/var/tmp/*')"],
    ["files of workspaces", "found('/nbevolve-work/**/secret')"],
    ["sockets with a path", "[line for line in open('/proc/net/unix').read().splitlines() if '/' in line]"],
    ["abstract sockets", "[line for line in open('/proc/net/unix').read().splitlines() if 'secret' in line]"],
    [
      "folders of Jupyter's with secrets",
      "found(*(os.environ[f'JUPYTER_{name}_DIR'] + '/**/*' + what for name in ('RUNTIME', 'CONFIG', 'DATA') for what in ('secret*', '.json', '-ipc-*')))",
    ],
    [
      "paths of this machine on command lines",
      "[c for c in (open(p).read() for p in glob.glob('/proc/[0-9]*/cmdline')) if 'workspaces' in c or '--bind' in c]",
    ],
  ])("are not found by %s", async (_, expression) => {
    expect(await value(one, expression)).toEqual([]);
  });

  test("are no processes in sight", async () => {
    expect(await value(one, "sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")).toEqual([
      1, 2,
    ]);
  });

  test.each([
    ["limits", "resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))"],
    ["priorities", "os.setpriority(os.PRIO_PROCESS, 1, 19)"],
    ["priorities of a user's all", "os.setpriority(os.PRIO_USER, 0, 19)"],
    ["processors", "os.sched_setaffinity(1, {0})"],
    ["policies", "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))"],
    ["signals", "os.kill(1, signal.SIGSTOP)"],
    ["memory", "open('/proc/1/mem', 'rb')"],
  ])("and the first process of its own box is out of reach by %s", async (_, attempt) => {
    expect(await value(one, `tried(lambda: ${attempt})`)).toBe("PermissionError");
  });
});

describe.skipIf(noSandbox !== null)(`kernels that were forked from one (${noSandbox ?? "real"})`, () => {
  const { lease } = useRealKernels({ sandbox: "on" });
  let one: KernelLease;
  let other: KernelLease;
  let parent: KernelLease;
  let there: string;
  let pid: number;
  beforeAll(async () => {
    const founder = await lease();
    const recipe = await kept(founder, `${TRIED}\nopen('data', 'w').write('x')\nx = 1`);
    parent = await lease(recipe);
    one = await lease(recipe);
    other = await lease(recipe);
    expect([one.restored.tier, other.restored.tier]).toEqual(["fork", "fork"]);
    await run(other, "open('secret', 'w').write('x'); os.mkdir('folder')\nimport subprocess, sys");
    there = String(await value(other, "os.getcwd()"));
    pid = Number(await value(other, "os.getpid()"));
    await run(one, `there, pid = ${JSON.stringify(there)}, ${pid}`);
  });
  afterAll(async () => {
    for (const lease of [parent, one, other]) await lease[Symbol.asyncDispose]();
  });

  test.each([
    ["listing its folder", "os.listdir(there)"],
    ["listing where folders lie", "os.listdir('/nbevolve-work')"],
    ["reading a file", "open(there + '/secret').read()"],
    ["writing a file", "open(there + '/secret', 'w')"],
    ["truncating a file", "os.truncate(there + '/secret', 0)"],
    ["making a file", "open(there + '/new', 'w')"],
    ["removing a file", "os.unlink(there + '/secret')"],
    ["removing a folder", "os.rmdir(there + '/folder')"],
    ["moving a file out", "os.rename(there + '/secret', 'mine')"],
    ["moving a file in", "os.rename('data', there + '/data2')"],
    ["a hard link", "os.link(there + '/secret', 'mine')"],
    ["a link that is followed", "(os.symlink(there + '/secret', 'link'), open('link').read())"],
    ["its home", "os.listdir(os.path.dirname(there) + '/~home')"],
    ["its working directory in /proc", "os.listdir(f'/proc/{pid}/cwd')"],
    ["its root in /proc", "open(f'/proc/{pid}/root{there}/secret').read()"],
    ["its descriptors", "os.readlink(f'/proc/{pid}/fd/0')"],
    ["its environment", "open(f'/proc/{pid}/environ').read()"],
    ["its memory", "open(f'/proc/{pid}/mem', 'rb')"],
    ["a signal", "os.kill(pid, signal.SIGKILL)"],
    ["a signal to its group", "os.killpg(pid, signal.SIGKILL)"],
    ["a signal by a descriptor", "signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)"],
    ["a file for all that come later", "open('/tmp/startup.py', 'w')"],
    ["its limits", "resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))"],
  ])("do not reach each other by %s", async (_, attempt) => {
    expect(await value(one, `tried(lambda: ${attempt})`)).toMatch(/^(PermissionError|OSError)$/);
    expect(await value(other, "open('secret').read()")).toBe("x");
  });

  test("have what their parent left: names and files; and a home and a temporary folder of their own", async () => {
    expect(await value(one, "[x, open('data').read()]")).toEqual([1, "x"]);
    const own = "[os.environ['HOME'], os.environ['TMPDIR'], __import__('tempfile').gettempdir()]";
    const homes = [await value(one, own), await value(other, own)].flat();
    expect(new Set(homes).size).toBe(4);
    expect(
      await value(
        one,
        "open(os.environ['HOME'] + '/f', 'w').write('ok') + len(__import__('tempfile').mkdtemp()) > 0",
      ),
    ).toBe(true);
    const pool =
      "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))";
    expect((await run(one, pool)).outputs[0]).toMatchObject({ text: "[1, 2]\n" });
  });

  test("leave nothing that goes on when they end", async () => {
    const child = await lease([
      { cell: "c1", source: `${TRIED}\nopen('data', 'w').write('x')\nx = 1`, status: "ok" },
    ]);
    expect(child.restored.tier).toBe("fork");
    const daemon = `
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time
        while True: time.sleep(0.01)
    os._exit(0)
os.wait()
grown = [int(line) for line in open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split()]`;
    await run(child, daemon);
    const [left] = (await value(child, "grown")) as number[];
    expect(left).toBeGreaterThan(1);
    await child[Symbol.asyncDispose]();
    const gone = await value(parent, `tried(lambda: open('/proc/${left}/cmdline').read())`);
    expect(["''", "FileNotFoundError"]).toContain(gone);
    expect(await value(other, "1 + 1")).toBe(2);
  });
});
