import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { stringifyNotebook } from "../../src/core/notebook/save-notebook.ts";
import { verifyFile } from "../../src/run/checks/verify.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import { numbersTask } from "../support/numbers-task.ts";
import { processesWith } from "../support/processes.ts";
import { testSandbox } from "../support/sandbox.ts";

/** Everything temporary lies here; its name is in the environment of every process that a runtime starts. */
let folder = "";
beforeEach(async () => {
  const before = process.env["TMPDIR"];
  folder = await mkdtemp("/tmp/nbe-runtime-");
  process.env["TMPDIR"] = folder;
  onTestFinished(async () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true, force: true });
  });
});

const task = numbersTask();
const options = { sandbox: testSandbox } as const;
const { signal } = new AbortController();
/** Where no server answers. */
const server = { url: "http://127.0.0.1:9", token: "t" };
const servers = (): number => processesWith(folder).length;

describe("openRuntime", () => {
  test("judges without a kernel, opens kernels once, and leaves nothing behind", async () => {
    const runtime = await openRuntime(task, options);
    const judged = await runtime.verifier.verify([0.6, 0.8], { signal });
    expect(judged.fitness).toBeCloseTo(0.48, 12);
    expect((await runtime.holdout?.verify([0.5, 0.25], { signal }))?.fitness).toBe(0.75);
    expect(servers()).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    const [kernels, again] = await Promise.all([runtime.openKernels(), runtime.openKernels()]);
    expect(again).toBe(kernels);
    expect(servers()).toBeGreaterThan(0);
    const timeoutMs = 60_000;
    const lease = await kernels.lease({ recipe: [] }, { signal, workspace: "w", timeoutMs });
    expect(await lease.evaluate("1 + 1", { signal, timeoutMs })).toEqual({ ok: true, value: 2 });
    await runtime[Symbol.asyncDispose]();
    expect(servers()).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    await expect(runtime.openKernels()).rejects.toThrow("the runtime was disposed of");
    await expect(runtime.verifier.verify([0, 0], { signal })).rejects.toThrow("the verifier was disposed of");
  });

  test("a Jupyter server that cannot be started leaves nothing, and the verifier stays of use", async () => {
    await using runtime = await openRuntime(task, { ...options, server });
    await expect(runtime.openKernels()).rejects.toMatchObject({ code: "kernel-unavailable" });
    await expect(runtime.openKernels()).rejects.toMatchObject({ code: "kernel-unavailable" });
    expect(await readdir(folder)).toEqual([]);
    expect(servers()).toBe(0);
    expect((await runtime.verifier.verify([0, 0], { signal })).valid).toBe(true);
  });

  test("disposed of while kernels are being opened, it ends what was started", async () => {
    const runtime = await openRuntime(task, options);
    const opening = runtime.openKernels().catch((error: unknown) => error);
    await runtime[Symbol.asyncDispose]();
    expect(await opening).toEqual(new Error("the runtime was disposed of"));
    expect(servers()).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  test("an abort stops the opening, of the runtime and of its kernels", async () => {
    const reason = new Error("enough");
    await expect(openRuntime(task, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stop = new AbortController();
    await using runtime = await openRuntime(task, { ...options, signal: stop.signal });
    const opening = runtime.openKernels().catch((error: unknown) => error);
    stop.abort(reason);
    expect(await opening).toBe(reason);
    expect(servers()).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  test("a folder that the caller names is kept", async () => {
    const workspacesDir = join(folder, "mine");
    const runtime = await openRuntime(task, { ...options, workspacesDir });
    await runtime.openKernels();
    await runtime[Symbol.asyncDispose]();
    expect(existsSync(workspacesDir)).toBe(true);
  });

  test("limits without a sandbox are refused", async () => {
    const limits = { memoryMb: 100 };
    await expect(openRuntime(task, { sandbox: "off", limits })).rejects.toMatchObject({
      code: "bad-option",
      message:
        "--limits (in code: limits) is enforced by the sandbox, and there is no sandbox here: leave it out",
    });
  });
});

test("a submission as JSON is verified without a Jupyter server, a notebook is not", async () => {
  const submission = join(folder, "submission.json");
  const notebook = join(folder, "notebook.ipynb");
  await writeFile(submission, "[0.6, 0.8]");
  await writeFile(notebook, stringifyNotebook(task.founder));
  const unreachable = { ...options, signal, server };
  expect(await verifyFile(task, submission, unreachable)).toMatchObject({
    verdict: { valid: true },
    holdout: { valid: true },
    notes: [],
  });
  await expect(verifyFile(task, notebook, unreachable)).rejects.toMatchObject({ code: "kernel-unavailable" });
});
