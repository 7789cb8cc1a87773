// Cells that want everything: each ends in its own kernel's failure, and a kernel beside it goes on.
// Long: every limit is reached for real, with kernels that take all they can; in-the-box.test.ts has what a kernel sees of its box.
import { describe, expect, test } from "vitest";
import type { KernelLease } from "../../../src/contracts/kernel.ts";
import type { KernelEvent } from "../../../src/kernels/kernel-options.ts";
import { noSandbox } from "../../support/sandbox.ts";
import { run, useRealKernels, value, within } from "../../kernels/real-kernels.ts";

/** Nothing below may ever run outside of a box: it would end everything on the machine. */
const BOXED = `
import os
assert os.environ["NBEVOLVE_BOX"] and os.getuid() == 1000 and b"stem.py" in open("/proc/1/cmdline", "rb").read()
`;

describe.skipIf(noSandbox !== null)(`a cell that wants everything (${noSandbox ?? "real box"})`, () => {
  const events: KernelEvent[] = [];
  const limits = { memoryMb: 700, tasks: 120, fileMb: 64, workspaceMb: 100 };
  const { lease } = useRealKernels({ sandbox: "on", limits, onEvent: (event) => void events.push(event) });

  /** The error of a cell; a kernel beside it has kept its state, and the server was never lost. */
  async function fails(source: string, timeoutMs = 600_000) {
    await using beside = await lease();
    await run(beside, "x = 7");
    await using greedy: KernelLease = await lease();
    const { status, outputs } = await greedy.execute(BOXED + source, within(timeoutMs));
    expect(await value(beside, "x")).toBe(7);
    await using next = await lease();
    expect(await value(next, "1 + 1")).toBe(2);
    expect(events.map(({ type }) => type)).not.toContain("server-lost");
    return { status, error: outputs.at(-1) };
  }

  test("memory: 30 GB", async () => {
    const { status, error } = await fails(
      "hog = bytearray(30 << 30)\nfor at in range(0, len(hog), 4096): hog[at] = 1",
    );
    expect(status === "died" || status === "error").toBe(true);
    if (status === "died")
      expect(error).toMatchObject({ evalue: expect.stringContaining("MB of memory, its limit is 700 MB") });
    else expect(error).toMatchObject({ ename: "MemoryError" });
  });

  test("memory: piece by piece, in children too", async () => {
    const { status, error } = await fails(`
import subprocess, sys
grow = "import time\\nhog = [bytearray(b'x' * (10 << 20)) for _ in range(30)]\\ntime.sleep(60)"
children = [subprocess.Popen([sys.executable, "-c", grow]) for _ in range(4)]
for child in children: child.wait()`);
    expect(status).toBe("died");
    expect(error).toMatchObject({ evalue: expect.stringContaining("MB of memory") });
  });

  test("processes: a fork bomb", async () => {
    // In a process of its own: forks of a kernel with its threads may hang by themselves.
    const bomb = `
import subprocess, sys
program = """
import os, time
until = time.monotonic() + 20  # should the box not hold
while time.monotonic() < until:
    try: os.fork()
    except OSError: pass
"""
subprocess.run([sys.executable, "-S", "-c", program])`;
    const { status, error } = await fails(bomb);
    expect(status).toBe("died");
    expect(error).toMatchObject({
      evalue: expect.stringContaining("processes and threads, its limit is 120"),
    });
  });

  test("processes: a kernel that forks itself", async () => {
    const { status, error } = await fails(`
import time
until = time.monotonic() + 20  # should the box not hold
while time.monotonic() < until:
    try: os.fork()
    except OSError: pass`);
    expect(status).toBe("died");
    expect(error).toMatchObject({
      evalue: expect.stringContaining("processes and threads, its limit is 120"),
    });
  });

  test("a file of 50 GB", async () => {
    const { status, error } = await fails(
      "file = open('big', 'wb')\nfile.seek(50 << 30)\nfile.write(b'x')\nfile.flush()",
    );
    expect(status).toBe("error");
    expect(error).toMatchObject({ ename: "OSError", evalue: expect.stringContaining("File too large") });
  });

  test("many files", async () => {
    const many = `
import time
for number in range(1000):
    with open(f"f{number}", "wb") as file: file.write(os.urandom(1 << 20) * 20)
    time.sleep(0.05)`;
    const { status, error } = await fails(many);
    expect(status).toBe("died");
    expect(error).toMatchObject({
      evalue: expect.stringContaining("its workspace and its home hold more than 100 MB"),
    });
  });

  test("many empty files", async () => {
    const { status, error } = await fails(`
import time
os.mkdir("many")
for number in range(60_000): open(f"many/{number}", "w").close()
time.sleep(60)`);
    expect(status).toBe("died");
    expect(error).toMatchObject({ evalue: expect.stringContaining("more than 100 MB") });
  });

  test("files without a name", async () => {
    const { status, error } = await fails(`
import time
held = []
for number in range(1000):
    held.append(open(f"f{number}", "wb"))
    os.unlink(f"f{number}")
    held[-1].write(os.urandom(1 << 20) * 20); held[-1].flush()
    time.sleep(0.05)`);
    expect(status).toBe("died");
    expect(error).toMatchObject({ evalue: expect.stringContaining("open files without a name") });
  });

  test.each([
    ["temporary files", "/tmp"],
    ["files in shared memory", "/dev/shm"],
  ])("%s", async (_, folder) => {
    const { status, error } = await fails(`
import time
for number in range(13):
    with open(f"${folder}/f{number}", "wb") as file: file.write(b"x" * (60 << 20))
time.sleep(600)`);
    expect(status).toBe("died");
    expect(error).toMatchObject({ evalue: expect.stringContaining("MB of memory, its limit is 700 MB") });
  });

  test("no more temporary files than their folder may hold, whatever the limit of memory", async () => {
    await using kernel = await lease();
    expect(
      await value(
        kernel,
        "[(at.f_blocks * at.f_frsize) >> 20 for at in map(__import__('os').statvfs, ['/tmp', '/dev/shm'])]",
      ),
    ).toEqual([1024, 1024]);
  });

  test("kill -9 -1", async () => {
    const { status } = await fails(
      "import subprocess\nassert subprocess.run('kill -9 -1', shell=True).returncode != 0",
    );
    expect(status).toBe("ok");
  });

  test("all that is in reach, to be ended", async ({ skip }) => {
    await using kernel = await lease();
    const release = String(await value(kernel, "__import__('platform').release()"));
    const [major = 0, minor = 0] = release.split(".").map(Number);
    if (major < 6 || (major === 6 && minor < 12)) skip(`Linux ${release} cannot keep signals in: 6.12 can`);
    const { status } = await fails(`
me = {os.getpid(), *(int(t) for t in os.listdir("/proc/self/task"))}
refused = []
for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
    if pid in me: continue
    try: os.kill(pid, 9)
    except PermissionError: refused.append(pid)
assert refused == [1], refused`);
    expect(status).toBe("ok");
  });
});

describe.skipIf(noSandbox !== null)("a cell that computes for ever", () => {
  const { lease } = useRealKernels({ sandbox: "on", limits: { cellCpuSeconds: 1 } });

  test("gets an exception at its limit of processor time, and again when it swallows it; its state is kept", async () => {
    await using kernel = await lease();
    await run(kernel, "x = 7");
    const swallows = "try:\n    while True: pass\nexcept TimeoutError: pass\nwhile True: pass";
    const { status, outputs } = await run(kernel, swallows);
    expect([status, outputs.at(-1)]).toMatchObject([
      "error",
      { ename: "TimeoutError", evalue: "this cell used more than 1 s of processor time, its limit" },
    ]);
    // The next cell has its own.
    expect(
      await run(
        kernel,
        "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass",
      ),
    ).toMatchObject({ status: "ok" });
    expect(await value(kernel, "x")).toBe(7);
  });
});
