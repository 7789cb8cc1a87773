// What code in a cell finds when it looks for a way out. The real box: skipped only where the machine has none.
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { noSandbox } from "../../support/sandbox.ts";
import { run, useRealKernels, value, within } from "../../kernels/real-kernels.ts";

/** What kernels may know of the environment; Jupyter and IPython add the second line themselves. */
const KNOWN =
  `PATH HOME USER LOGNAME LANG LC_ALL LC_CTYPE TZ TMPDIR PWD NBEVOLVE_BOX NBEVOLVE_SEES PYTHONPATH PYTHONHASHSEED
 JPY_PARENT_PID JPY_SESSION_NAME PYDEVD_USE_FRAME_EVAL TERM CLICOLOR FORCE_COLOR CLICOLOR_FORCE PAGER GIT_PAGER MPLBACKEND
 OPENBLAS_NUM_THREADS OMP_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED
 PYTHONUTF8 PYTHONNOUSERSITE JUPYTER_PLATFORM_DIRS PYDEVD_DISABLE_FILE_VALIDATION JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR
 JUPYTER_RUNTIME_DIR IPYTHONDIR MPLCONFIGDIR ZMQ_IPC_PATH`.split(/\s+/);

describe.skipIf(noSandbox !== null)(`in the box (${noSandbox ?? "real"})`, () => {
  process.env["NBEVOLVE_TEST_SECRET"] = "very-secret";
  const { lease, root } = useRealKernels({ sandbox: "on" });

  test("the environment holds nothing but what is on the list", async () => {
    await using kernel = await lease();
    const everywhere = `
import glob, os
def names(path):
    try:
        return [entry.split(b"=")[0].decode() for entry in open(path, "rb").read().split(b"\\0") if entry]
    except OSError:
        return []
`;
    await run(kernel, everywhere);
    const names = await value(
      kernel,
      `sorted({name for path in glob.glob("/proc/[0-9]*/environ") for name in names(path)} | set(os.environ))`,
    );
    expect(names).toContain("PATH");
    expect((Array.isArray(names) ? names : [names]).filter((name) => !KNOWN.includes(String(name)))).toEqual(
      [],
    );
    expect(await value(kernel, "os.environ['HOME']")).not.toBe(homedir());
  });

  test("what is not the run's own cannot be read", async () => {
    const runDir = dirname(root());
    const journal = join(runDir, `${root().split("/").at(-1)}-run.db`);
    await writeFile(journal, "journal");
    onTestFinished(() => rm(journal));
    const home = (await readdir(homedir(), { withFileTypes: true })).filter((entry) => entry.isFile());
    const here = process.cwd();
    const files = [
      "/etc/shadow",
      journal,
      ...home.map(({ name }) => join(homedir(), name)),
      ...[
        "package.json",
        "src/verifiers/python-verifier.ts",
        "src/verifiers/python/nbevolve_verifier/judge.py",
      ].map((name) => join(here, name)),
    ];
    // They are there, outside.
    for (const file of files.slice(1)) await readFile(file);
    await using kernel = await lease();
    await run(kernel, "import os");
    for (const file of files)
      expect([file, await value(kernel, `os.path.exists(${JSON.stringify(file)})`)]).toEqual([file, false]);
    expect(await value(kernel, "os.path.exists('/sys') or os.path.exists('/var')")).toBe(false);
  });

  test("nothing can be written but the workspace and temporary folders", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      `
import os, sys
def writable(folder):
    try:
        open(os.path.join(folder, "x"), "w").close()
        return True
    except OSError:
        return False
folders = ["/", "/etc", "/usr", "/dev", "/proc", "/proc/sys/kernel", os.path.dirname(sys.executable), os.path.dirname(os.__file__)]
folders += os.environ["PYTHONPATH"].split(":")`,
    );
    expect(await value(kernel, "[folder for folder in folders if writable(folder)]")).toEqual([]);
    expect(await value(kernel, "[writable(f) for f in ('.', '/tmp', '/dev/shm')]")).toEqual([
      true,
      true,
      true,
    ]);
    // A run by root owns what the machine's root owns.
    const rewrite = await run(kernel, "open('/proc/sys/kernel/core_pattern', 'w')");
    expect(rewrite.outputs[0]).toMatchObject({ ename: "OSError" });
  });

  test("there is no way to the network, nor to the host's sockets", async () => {
    const folder = join(dirname(root()), `${root().split("/").at(-1)}-s`);
    await mkdir(folder);
    const servers = [createServer(), createServer()];
    onTestFinished(async () => {
      for (const server of servers) server.close();
      await rm(folder, { recursive: true, force: true });
    });
    const [unix, tcp] = servers;
    if (unix === undefined || tcp === undefined) throw new Error("two servers were made");
    await once(unix.listen(join(folder, "s")), "listening");
    await once(tcp.listen(0, "127.0.0.1"), "listening");
    const address = tcp.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using kernel = await lease();
    await run(
      kernel,
      `
import socket
def connect(family, address, kind=socket.SOCK_STREAM):
    try:
        with socket.socket(family, kind) as client:
            client.settimeout(2)
            client.connect(address)
        return "connected"
    except OSError as problem:
        return type(problem).__name__`,
    );
    const tried = `[connect(socket.AF_INET, ("127.0.0.1", ${port})), connect(socket.AF_INET, ("192.0.2.1", 80)),
      connect(socket.AF_UNIX, ${JSON.stringify(join(folder, "s"))}), connect(40, (2, 2024))]`;
    const results = await value(kernel, tried.replaceAll("\n", " "));
    expect(results).toEqual(["ConnectionRefusedError", "OSError", "FileNotFoundError", "OSError"]);
    expect(await value(kernel, "[name for _, name in socket.if_nameindex()]")).toEqual(["lo"]);
  });

  test("the kernel's wide doors are shut", async () => {
    await using kernel = await lease();
    await run(
      kernel,
      `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def errno(call):
    ctypes.set_errno(0)
    return ctypes.get_errno() if call() < 0 else 0`,
    );
    const tried = `[errno(lambda: libc.unshare(0x10000000)), errno(lambda: libc.ptrace(0, 0, 0, 0)),
      errno(lambda: libc.syscall(425, 1, 0)), errno(lambda: libc.mount(b"a", b"/tmp", b"tmpfs", 0, 0)),
      errno(lambda: libc.setns(0, 0)), errno(lambda: libc.kill(-1, 0))]`;
    expect(await value(kernel, tried.replaceAll("\n", " "))).toEqual([1, 1, 1, 1, 1, 1]);
    const status = String(await value(kernel, "open('/proc/self/status').read()"));
    expect(status).toMatch(/CapEff:\t0+\nCapBnd:\t0+\n/);
    expect(status).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2/);
  });

  test("no process but the box's own is seen, and the memory of its first one is its own", async () => {
    await using kernel = await lease();
    await run(kernel, "import os, glob");
    const seen = await value(
      kernel,
      "sorted(open(p).read().strip() for p in glob.glob('/proc/[0-9]*/comm'))",
    );
    // The first process of the box, and the kernel.
    expect(seen).toEqual([expect.stringMatching(/^python/), expect.stringMatching(/^python/)]);
    const memory = await run(kernel, "open(f'/proc/{os.getppid()}/mem', 'rb')");
    expect(memory.outputs[0]).toMatchObject({ ename: "PermissionError" });
  });

  test("cells can be interrupted, and processes be started and ended", async () => {
    await using kernel = await lease();
    await run(kernel, "x = 41");
    const slow = await kernel.execute("import time\ntime.sleep(6000)", within(300));
    expect(slow.status).toBe("interrupted");
    const child =
      "import subprocess, sys\nchild = subprocess.Popen(['sleep', '60'])\nchild.kill()\nchild.wait() + x";
    expect((await run(kernel, child)).outputs[0]).toMatchObject({ data: { "text/plain": "32" } });
    const pool = "import multiprocessing as m\nwith m.Pool(2) as p: print(p.map(abs, [-1, 2]))";
    expect((await run(kernel, pool)).outputs[0]).toMatchObject({ text: "[1, 2]\n" });
  });
});
