import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkLine, checkMachine } from "../../src/cli/commands/doctor.ts";
import { checkBubblewrap, checkKernel, checkNode, checkPackages } from "../../src/cli/machine-checks.ts";
import type { MachineCheck } from "../../src/cli/first-checks.ts";
import { inspectBase } from "../../src/machine/python/inspect.ts";
import type { PythonEnvironment } from "../../src/machine/python/find-python.ts";
import { findPython } from "../../src/machine/python/find-python.ts";
import { noSandbox } from "../support/sandbox.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "nbevolve-doctor-test-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function command(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** A machine on which nothing of ours has been made: the real PATH unless another is given. */
async function freshEnv(changes: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  const { NBEVOLVE_PYTHON: _, OPENAI_API_KEY: __, ...rest } = process.env;
  return { ...rest, NBEVOLVE_CACHE: join(await folder(), "cache"), ...changes };
}

const named = (checks: readonly MachineCheck[], name: string) => checks.find((check) => check.name === name);

describe("doctor", () => {
  test("finds everything in order where runs work, and starts a kernel to know it", async () => {
    const told: string[] = [];
    const report = await checkMachine({ onCheck: ({ name }) => told.push(name) });
    expect(told).toEqual([
      ...["files", "node", "sqlite", "temporary", "python", "packages", "kernel", "bubblewrap"],
      ...(noSandbox === null ? ["sandbox"] : []),
      ...["disk", "key"],
    ]);
    expect(report.checks.map(({ name }) => name)).toEqual(told);
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(report.ok).toBe(true);
    expect(named(report.checks, "kernel")?.found).toMatch(/started and computed in \d/);
    expect(named(report.checks, "packages")?.found).toMatch(/jupyter-server 2\..*numpy \d.*cloudpickle \d/);
  });

  test("says that the environment is not made yet, what will make it, and makes nothing", async () => {
    const env = await freshEnv();
    const report = await checkMachine({ env });
    expect(named(report.checks, "python")).toEqual({
      name: "python",
      status: "warn",
      found: "nbevolve's own environment is not made yet",
      remedy: expect.stringMatching(
        /`nbevolve run` \(or npm run demo\) makes it on first use, from .*python/,
      ),
    });
    expect(report.ok).toBe(true);
    expect(named(report.checks, "kernel")).toBeUndefined();
    expect(existsSync(String(env["NBEVOLVE_CACHE"]))).toBe(false);
  });

  test("fails, with the remedy, where there is no Python", async () => {
    const report = await checkMachine({ env: await freshEnv({ PATH: await folder() }) });
    expect(report.ok).toBe(false);
    expect(named(report.checks, "python")).toMatchObject({
      status: "fail",
      found: expect.stringContaining("apt-get install python3 python3-venv"),
    });
  });

  test("fails where NBEVOLVE_PYTHON names something else", async () => {
    const report = await checkMachine({ env: await freshEnv({ NBEVOLVE_PYTHON: "/bin/sh" }) });
    expect(named(report.checks, "python")).toMatchObject({
      status: "fail",
      found: expect.stringContaining("NBEVOLVE_PYTHON (/bin/sh) does not run as a Python"),
    });
  });

  test("says whether there is a key, and never what it is", async () => {
    const env = await freshEnv({ PATH: await folder(), OPENAI_API_KEY: "very-secret" });
    const report = await checkMachine({ env });
    expect(named(report.checks, "key")).toMatchObject({ status: "ok" });
    expect(JSON.stringify(report)).not.toContain("very-secret");
    const without = await checkMachine({ env: { ...env, OPENAI_API_KEY: "" } });
    expect(named(without.checks, "key")).toMatchObject({ status: "warn" });
  });
});

describe("a check", () => {
  test.each([
    ["18.20.0", "fail"],
    ["20.18.3", "fail"],
    ["20.19.0", "ok"],
    ["22.0.0", "ok"],
  ])("of Node %s is %s", (version, status) => {
    expect(checkNode(version)).toMatchObject({ status });
  });

  test("of bubblewrap runs a box instead of looking for the program", async () => {
    const place = await folder();
    const look = { env: { PATH: `${place}:${await folder()}` }, signal: undefined };
    // What was found out about one search path is kept: the paths differ.
    expect(await checkBubblewrap({ ...look, env: { PATH: await folder() } })).toMatchObject({
      status: "warn",
      found: expect.stringContaining("not installed"),
    });
    await command(
      join(place, "bwrap"),
      '[ "$1" = --version ] && echo bwrap 1 || { echo no namespaces >&2; exit 1; }',
    );
    expect(await checkBubblewrap(look)).toMatchObject({
      status: "warn",
      found: expect.stringContaining("bwrap 1 cannot run a box: no namespaces"),
      remedy: expect.stringContaining("user namespaces"),
    });
    await command(join(place, "bwrap"), "echo bwrap 1");
    expect(await checkBubblewrap({ ...look, env: { PATH: place } })).toMatchObject({ status: "ok" });
  });

  test("of the packages and of the kernel fails where they are missing", async () => {
    const found = await findPython();
    const base = await inspectBase(found.python, { env: process.env });
    const bare: PythonEnvironment = { ...found, python: String(base?.executable), origin: "NBEVOLVE_PYTHON" };
    const look = { env: process.env, signal: undefined };
    expect(await checkPackages(bare, look)).toMatchObject({
      status: "fail",
      found: expect.stringContaining("no jupyter_server.serverapp"),
      remedy: expect.stringMatching(/-m pip install -r .*requirements\.txt$/),
    });
    expect(await checkKernel(bare, look)).toMatchObject({ status: "fail" });
  });

  test("is told in one line", () => {
    const check: MachineCheck = { name: "disk", status: "fail", found: "12 MB\nfree", remedy: "make room" };
    expect(checkLine(check)).toBe("FAIL  disk        12 MB free. Remedy: make room");
    expect(checkLine({ ...check, status: "ok", remedy: null })).toBe("ok    disk        12 MB free");
  });
});
