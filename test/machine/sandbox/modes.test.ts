import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-codes.ts";
import { openSandbox } from "../../../src/machine/sandbox/sandbox.ts";
import { startRun } from "../../../src/run/start-run.ts";
import { numbersModel } from "../../support/numbers-model.ts";
import { numbersTask } from "../../support/numbers-task.ts";

// A machine without bubblewrap: a search path on which there is nothing.
const path = process.env["PATH"] ?? "";
let empty = "";
beforeEach(async () => {
  empty = await mkdtemp(join(tmpdir(), "nbevolve-empty-"));
  process.env["PATH"] = empty;
});
afterEach(async () => {
  process.env["PATH"] = path;
  await rm(empty, { recursive: true });
});

test("a box that cannot be had stops a run before anything, with the reason and the remedies", async () => {
  const dir = join(empty, "run");
  const run = startRun({ task: numbersTask(), model: numbersModel(), dir });
  const problem: unknown = await run.done.catch((error: unknown) => error);
  expect(problem).toMatchObject({
    code: "sandbox-unavailable",
    message: expect.stringMatching(/bubblewrap is not installed.*apt-get install bubblewrap.*--sandbox off/),
  });
  expect(exitCodeOf(problem)).toBe(3);
  expect(await readdir(empty)).toEqual([]);
});

test("auto goes on without, and says so once and loud; off does not look", async () => {
  const lines: string[] = [];
  expect(await openSandbox({ sandbox: "auto" }, (line) => lines.push(line))).toBeNull();
  expect(lines).toEqual([expect.stringMatching(/^NO SANDBOX: bubblewrap is not installed/)]);
  expect(await openSandbox({ sandbox: "off" }, (line) => lines.push(line))).toBeNull();
  expect(lines).toHaveLength(1);
});
