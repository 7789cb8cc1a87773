// A whole run as on a system without Landlock: it goes as ever, and says what no longer holds.
// Long: it evolves a benchmark.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { CLI_ENV, MAIN } from "../../support/cli.ts";
import { testPython } from "../../support/python.ts";
import { noSandbox } from "../../support/sandbox.ts";

const without = join(import.meta.dirname, "../../support/without_landlock.py");
const run = (...command: readonly string[]) =>
  promisify(execFile)(testPython, [without, ...command], { env: CLI_ENV });

it.skipIf(noSandbox !== null)("children are forked, and the first lines say what they reach", async () => {
  // The tool itself: a ruleset's version can be asked for where there is Landlock.
  const ask = "import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))";
  expect((await run(testPython, "-c", ask)).stdout).toBe("-1\n");

  const folder = await mkdtemp(join(tmpdir(), "nbe-landlock-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dir = join(folder, "run");
  const { stderr } = await run(
    process.execPath,
    MAIN,
    ...["run", "circles-square-26", "--param", "n=5", "--proposals", "3", "--seed", "1", "--dir", dir],
    ...["--sandbox", "on"],
  );
  expect(stderr).toContain(
    "sandbox: kernels that are forked from one another can read and write the files of and signal each other: " +
      "this system has no Landlock.",
  );
  const { stdout } = await run(process.execPath, MAIN, "show", dir, "--verbose");
  // How many is a matter of what was cheaper: on a busy machine a cell or two are sooner run again.
  expect(stdout).toMatch(/kernels restored: .*\d by fork/);
});
