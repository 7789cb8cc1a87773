// Names that others may have, and places that a machine may lack: each run gets a directory of its own, and what is missing is
// said with the remedy, by the commands and by doctor.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLI_ENV, MAIN, runCli } from "../support/cli.ts";
import { numbersNotebook } from "../support/numbers-notebook.ts";

let root = "";
let task = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-places-"));
  task = join(root, "numbers.ipynb");
  await writeFile(task, numbersNotebook());
  await writeFile(join(root, "file"), "");
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("a run directory without a name", () => {
  /** Processes that begin at the same moment and want the same name; what each got. */
  async function claimTogether(count: number, wanted: string): Promise<readonly string[]> {
    const store = pathToFileURL(join(dirname(MAIN), "../store/index.js")).href;
    const program = `
      const { claimRunFolder } = await import(${JSON.stringify(store)});
      console.log("ready");
      process.stdin.once("data", () => {
        console.log(claimRunFolder(${JSON.stringify(wanted)}));
        process.exit();
      });`;
    const children = Array.from({ length: count }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      let printed = "";
      const ready = new Promise<void>((resolve) =>
        child.stdout.on("data", (data: Buffer) => {
          printed += data.toString();
          if (printed.includes("ready")) resolve();
        }),
      );
      const ended = new Promise<string>((resolve) =>
        child.on("close", () => resolve(printed.replace("ready\n", "").trim())),
      );
      return { child, ready, ended };
    });
    await Promise.all(children.map(({ ready }) => ready));
    for (const { child } of children) child.stdin.write("now\n");
    return Promise.all(children.map(({ ended }) => ended));
  }

  test("is each run's own, also where all of them begin in the same moment", async () => {
    const wanted = join(root, "together", "runs", "numbers-20260101-000000");
    const got = await claimTogether(6, wanted);
    expect(new Set(got).size).toBe(6);
    expect(got.toSorted()[0]).toBe(wanted);
    expect((await readdir(dirname(wanted))).toSorted()).toEqual(
      got.map((dir) => dir.slice(dirname(wanted).length + 1)).toSorted(),
    );
  });

  test("is gone again where the run was refused", async () => {
    const notebook = JSON.parse(numbersNotebook());
    notebook.cells[3].source = "submission = 1 / 0";
    await writeFile(join(root, "refused.ipynb"), JSON.stringify(notebook));
    const where = await mkdtemp(join(root, "refused-"));
    const done = await runCli(["run", join(root, "refused.ipynb")], {}, where);
    expect(done.code, done.stderr).toBe(2);
    expect(await readdir(where)).toEqual([]);
  });
});

describe("no folder for temporary files", () => {
  test.each([
    ["is not there", "missing", /there is no such folder/],
    ["is a file", "file", /it is no folder/],
  ])("that TMPDIR names: one that %s", async (_, name, why) => {
    const env = { TMPDIR: join(root, name) };
    const where = await mkdtemp(join(root, "no-temporary-"));
    for (const args of [
      ["run", task, "--proposals", "1"],
      ["verify", task, task],
    ]) {
      const done = await runCli(args, env, where);
      expect([args[0], done.code]).toEqual([args[0], 3]);
      expect(done.stderr).toMatch(why);
      expect(done.stderr).toMatch(/No temporary folder can be made in .*name another in TMPDIR\.$/m);
      expect(done.stderr).not.toMatch(/^ {4}at /m);
    }
    expect(await readdir(where)).toEqual([]);
    const doctor = await runCli(["doctor"], env);
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toMatch(/^FAIL {2}temporary {3}No temporary folder can be made in /m);
    expect(doctor.stdout).toMatch(/^(ok {2}|warn) {2}key/m);
  });
});

describe.runIf(existsSync("/proc/self/limits"))("few files that may be open", () => {
  const limited = (files: number, args: string): Promise<{ code: number; all: string }> =>
    new Promise((resolve) => {
      const script = `ulimit -n ${files}; exec "${process.execPath}" "${MAIN}" ${args}`;
      execFile("sh", ["-c", script], { env: CLI_ENV, cwd: root }, (problem, stdout, stderr) =>
        resolve({ code: problem === null ? 0 : Number(problem.code), all: stdout + stderr }),
      );
    });

  test.each([
    [64, "run numbers.ipynb --proposals 1"],
    [64, "verify numbers.ipynb numbers.ipynb"],
    [64, "show somewhere"],
    [64, "models"],
    [100, "run numbers.ipynb --proposals 1"],
    [300, "run numbers.ipynb --proposals 1 --parallel 40"],
  ])("%i: nbevolve %s says so, with the remedy", async (files, args) => {
    const { code, all } = await limited(files, args);
    expect(code, all).toBe(3);
    expect(all).toMatch(
      new RegExp(
        `This process may open only ${files} files at a time, and .* needs \\d+\\. .*ulimit -n 4096$`,
        "m",
      ),
    );
    expect(all).not.toMatch(/^ {4}at /m);
  });

  test("doctor finds it", async () => {
    const { code, all } = await limited(64, "doctor");
    expect(code, all).toBe(3);
    expect(all).toMatch(/^FAIL {2}files {7}This process may open only 64 files/m);
    expect((await limited(64, "doctor --json")).all).toContain('"ok":false');
  });

  test("enough are enough", async () => {
    expect(await limited(256, "show somewhere")).toMatchObject({ code: 2 });
  });
});
