// The judge's own box: nothing of it can be seen or signalled from a kernel, nor the other way round.
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { jupyterKernels } from "../../src/kernels/kernel-pool.ts";
import type { Score } from "../../src/contracts/index.ts";
import { pythonVerifier } from "../../src/verifiers/python-verifier.ts";
import { until } from "../support/processes.ts";
import { testPython } from "../support/python.ts";
import { noSandbox } from "../support/sandbox.ts";

const { signal } = new AbortController();

function verifierOf(source: string, workDir: string) {
  return pythonVerifier({
    python: testPython,
    source: { source, cell: "c9" },
    direction: "maximize",
    timeoutMs: 20_000,
    memoryMb: 500,
    workDir,
    sandbox: "on",
  });
}

async function judged(source: string): Promise<Score> {
  const workDir = await mkdtemp(join(tmpdir(), "nbevolve-box-test-"));
  onTestFinished(() => rm(workDir, { recursive: true }));
  await using verifier = verifierOf(source, workDir);
  return await verifier.verify(1, { signal });
}

describe.skipIf(noSandbox !== null)(`the judge's box (${noSandbox ?? "real"})`, () => {
  test("shows the system and the verifier's own folder, and no network", async () => {
    const source = `
import os, socket
def verify(submission):
    assert not any(os.path.exists(path) for path in ("/etc/shadow", "/sys", ${JSON.stringify(join(process.cwd(), "package.json"))}))
    assert [name for _, name in socket.if_nameindex()] == ["lo"]
    for path in ("/etc/x", "/usr/x", "/proc/sys/kernel/core_pattern"):
        try: open(path, "w")
        except OSError: continue
        assert False, path
    open("own", "w").close()
    return float(len([name for name in os.listdir("/proc") if name.isdigit()]))
`;
    const score = await judged(source);
    expect(score.message).toBe("");
    // Bubblewrap's own first process, and the judge.
    expect(score.fitness).toBe(2);
  });

  test("tells by which signal a judge ended", async () => {
    const score = await judged("import os\ndef verify(s):\n    os.kill(os.getpid(), 11)\n");
    expect(score.message).toContain("SIGSEGV");
  });

  test("a kernel and a judge that run at the same time know nothing of each other", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nbe-box-"));
    const workDir = await mkdtemp(join(tmpdir(), "nbevolve-box-test-"));
    onTestFinished(async () => {
      for (const one of [folder, workDir]) await rm(one, { recursive: true });
    });
    const looks =
      "sorted(open(f'/proc/{name}/cmdline').read() for name in os.listdir('/proc') if name.isdigit())";
    // It waits until the kernel has looked.
    const source = `
import os, time
def verify(submission):
    open("ready", "w").close()
    while not os.path.exists("go"): time.sleep(0.01)
    seen = ${looks}
    assert not any("kernel_app" in line or "nbevolve_fork" in line for line in seen), seen
    return 1.0
`;
    await using kernels = await jupyterKernels({
      python: { python: testPython },
      workspacesDir: join(folder, "workspaces"),
      sandbox: "on",
    });
    const within = { timeoutMs: 20_000, signal };
    await using lease = await kernels.lease({ recipe: [] }, { ...within, workspace: "w" });
    await using verifier = verifierOf(source, workDir);
    const judging = verifier.verify(1, { signal });
    await until(() => readdirSync(workDir).some((judge) => existsSync(join(workDir, judge, "ready"))));
    await lease.execute("import os", within);
    const seen = await lease.evaluate(looks, within);
    expect(JSON.stringify(seen)).toMatch(/kernel_app|nbevolve_fork\.launcher/); // started, or forked
    expect(JSON.stringify(seen)).not.toContain("nbevolve_verifier");
    expect(await lease.evaluate(`os.path.exists(${JSON.stringify(workDir)})`, within)).toMatchObject({
      value: false,
    });
    const [judge = ""] = await readdir(workDir);
    await writeFile(join(workDir, judge, "go"), "");
    expect(await judging).toMatchObject({ valid: true, fitness: 1 });
  });
});
