import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelAPI } from "@jupyterlab/services";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { KernelLost, messageOf } from "../../../src/core/errors.ts";
import type { JupyterServer } from "../../../src/kernels/jupyter/contracts.ts";
import { startJupyterServer } from "../../../src/kernels/jupyter/jupyter-server.ts";
import { startKernel } from "../../../src/kernels/jupyter/live-kernel.ts";
import { testPython } from "../../support/python.ts";

let rootDir: string;
let server: JupyterServer;
beforeAll(async () => {
  rootDir = await mkdtemp(join(tmpdir(), "nbe-test-"));
  server = await startJupyterServer({ python: testPython, rootDir, sandbox: null, boxes: null });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(rootDir, { recursive: true });
});

const nothing = (): void => undefined;

it("takes a kernel that was restarted behind its back for lost, by the first reply", async () => {
  await using kernel = await startKernel(server, await server.newKernel());
  await kernel.request({ code: "x = 1" }, nothing);
  await KernelAPI.restartKernel(kernel.id, server.settings);
  await expect(kernel.request({ code: "x" }, nothing)).rejects.toThrow(KernelLost);
  expect(kernel.lost()).not.toBeNull();
});

it("can be given up at any moment, without a word and without a promise left to reject", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const said = [vi.spyOn(console, "debug"), vi.spyOn(console, "warn"), vi.spyOn(console, "error")];
  try {
    const first = await startKernel(server, await server.newKernel());
    await first.kill("before it was connected");
    const second = await startKernel(server, await server.newKernel());
    const request = second.request({ code: "import time; time.sleep(60)" }, nothing);
    const given = request.catch(messageOf);
    await second.kill("while it was connecting");
    expect(await given).toBe("while it was connecting");
    const third = await startKernel(server, await server.newKernel());
    await third.request({ code: "1" }, nothing);
    const busy = third.request({ code: "import time; time.sleep(60)" }, nothing);
    const lost = busy.catch(messageOf);
    await Promise.all([third.kill("while it was busy"), third.kill("again")]);
    expect(await lost).toBe("while it was busy");
    await expect(third.request({ code: "1" }, nothing)).rejects.toThrow(KernelLost);
    await third.interrupt();
    expect(unhandled).not.toHaveBeenCalled();
    for (const method of said) expect(method).not.toHaveBeenCalled();
  } finally {
    process.off("unhandledRejection", unhandled);
    for (const method of said) method.mockRestore();
  }
});

it("asks for its token", async () => {
  const { status } = await fetch(`${server.settings.baseUrl}api/kernels`);
  expect(status).toBe(403);
  expect(server.settings.token).toMatch(/^[0-9a-f]{48}$/);
});
