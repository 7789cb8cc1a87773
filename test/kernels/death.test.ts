import { describe, expect, it } from "vitest";
import { KernelLost } from "../../src/core/errors.ts";
import { recordOf } from "../../src/core/untrusted.ts";
import type { KernelEvent } from "../../src/kernels/kernel-options.ts";
import { until } from "../support/processes.ts";
import { run, step, useRealKernels, value, within } from "./real-kernels.ts";

const events: KernelEvent[] = [];
const { lease } = useRealKernels({ onEvent: (event) => events.push(event) });

const LOST = "import os, signal\n";

describe("a kernel that dies in the middle of a cell", () => {
  it.each([
    ["by os._exit", "os._exit(7)", /exited by itself \(exit code 7\)/],
    ["by kill -9", "os.kill(os.getpid(), signal.SIGKILL)", /killed \(signal 9; out of memory/],
    ["by a crash", "os.kill(os.getpid(), signal.SIGSEGV)", /ended by signal 11/],
  ])("%s: says how, and takes no other kernel for it", async (_, source, words) => {
    await using kernel = await lease([step("x = 1")]);
    const died = await run(kernel, LOST + source);
    expect(died.status).toBe("died");
    expect(died.outputs).toEqual([
      expect.objectContaining({
        output_type: "error",
        ename: "KernelDied",
        evalue: expect.stringMatching(words),
      }),
    ]);
    await expect(run(kernel, "x")).rejects.toThrow(KernelLost);
    await expect(value(kernel, "x")).rejects.toThrow(words);
    await kernel.checkpoint({ recipe: [step("x = 1")] }, within(60_000));
  });

  it("loses nobody else", async () => {
    await using dying = await lease();
    await using living = await lease();
    const [died, lived] = await Promise.all([
      run(dying, `${LOST}os._exit(1)`),
      run(living, "import time; time.sleep(1); 'lived'"),
    ]);
    expect([died.status, lived.status]).toEqual(["died", "ok"]);
  });
});

it("is noticed when the kernel dies between two cells", async () => {
  await using kernel = await lease();
  const dead = await run(
    kernel,
    `${LOST}import threading\nthreading.Timer(0.05, os._exit, [3]).start()\nos.getpid()`,
  );
  const pid = Number(recordOf(recordOf(dead.outputs[0])["data"])["text/plain"]);
  await until(() => !alive(pid));
  // Whatever comes first, the news or the next cell: no cell runs, and no call waits for ever.
  const next = await run(kernel, "1").catch((error: unknown) => error);
  if (!(next instanceof KernelLost)) expect(next).toMatchObject({ status: "died" });
  await expect(run(kernel, "1")).rejects.toThrow(KernelLost);
});

it("kills a cell that ignores its interrupt, with what it started in its group", async () => {
  await using kernel = await lease();
  const child =
    "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])";
  await run(kernel, child);
  const pid = Number(await value(kernel, "child.pid"));
  const stubborn = `${LOST}signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass`;
  const killed = await kernel.execute(stubborn, within(300));
  expect(killed.status).toBe("died");
  expect(killed.outputs.at(-1)).toMatchObject({
    ename: "KernelDied",
    evalue: expect.stringMatching(/longer than its limit of 0.3 s, did not end when it was interrupted/),
  });
  await kernel[Symbol.asyncDispose]();
  expect(alive(pid)).toBe(false);
});

it("gives a value up at its limit, and the kernel with it if need be", async () => {
  await using kernel = await lease();
  await run(
    kernel,
    `${LOST}import time
def slow(): time.sleep(60)
def stuck():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    slow()`,
  );
  expect(await kernel.evaluate("slow()", within(200))).toEqual({
    ok: false,
    name: "TimeoutError",
    message: "it took longer than 0.2 s",
  });
  expect(await value(kernel, "1 + 1")).toBe(2);
  await expect(kernel.evaluate("stuck()", within(200))).rejects.toThrow(KernelLost);
  await expect(kernel.evaluate("__import__('os')._exit(1)", within(200))).rejects.toThrow(KernelLost);
});

it("starts another server when the first one is gone", async () => {
  await using kernel = await lease();
  const killed = await run(
    kernel,
    `${LOST}
import time
def read(path):
    try: return open(path, "rb").read()
    except OSError: return b""
own = os.environ["JUPYTER_RUNTIME_DIR"].encode()
for pid in filter(str.isdigit, os.listdir("/proc")):
    if b"nbevolve_kernel.server" in read(f"/proc/{pid}/cmdline") and own in read(f"/proc/{pid}/environ"):
        os.kill(int(pid), signal.SIGKILL)
time.sleep(60)`,
  );
  expect(killed.status).toBe("died");
  await using next = await lease([step("x = 5")]);
  expect(await value(next, "x")).toBe(5);
  expect(events.map(({ type }) => type)).toEqual(["server-started", "server-lost", "server-started"]);
});

it("ends a kernel whose keeper on the spot was killed, and nothing else", async () => {
  await using beside = await lease();
  await using kernel = await lease();
  const pid = Number(await value(kernel, "__import__('os').getpid()"));
  const killed = await run(
    kernel,
    `${LOST}os.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(60)`,
  );
  expect(killed.status).toBe("died");
  await until(() => !alive(pid));
  expect(await value(beside, "1 + 1")).toBe(2);
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
