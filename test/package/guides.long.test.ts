// Every file that a guide tells its reader to write, as written, in a project as `npm init -y` makes it, with nbevolve installed.
// Long: the package is packed and installed, and kernels run.
import { readdir, readFile, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readExamples } from "../support/guide-examples.ts";
import { testSandbox } from "../support/sandbox.ts";
import { packedProject, type PackedProject } from "./packed-project.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ENVIRONMENT = { ...process.env, NBEVOLVE_SANDBOX: testSandbox, OPENAI_API_KEY: "none" };

describe("the guides", () => {
  let project: PackedProject;
  const examples = new Map<string, string>();
  const run = async (...command: readonly string[]): Promise<string> =>
    (await project.run(command[0] ?? "", command.slice(1), ENVIRONMENT)).stdout;

  beforeAll(async () => {
    project = await packedProject();
    for (const name of await readdir(join(root, "docs/guides")))
      for (const [file, source] of await readExamples(basename(name, ".md"))) examples.set(file, source);
    // One proposal shows the same in a fraction of the time.
    for (const [file, source] of examples)
      await project.write(file, source.replace("proposals: 20", "proposals: 1"));
    await project.write("my-task.ipynb", await readFile(join(root, "docs/examples/points.ipynb"), "utf8"));
    for (const name of ["vitest", "fast-check"])
      await symlink(join(root, "node_modules", name), join(project.dir, "node_modules", name));
  });

  test("have modules that load", async () => {
    const modules = [...examples.keys()].filter(
      (name) =>
        name.endsWith(".mjs") &&
        !/\.test\.mjs$|^(main|length-niches|watch|read|resume|greedy-run)\.mjs$/.test(name),
    );
    expect(modules.length).toBeGreaterThan(8);
    const lines = modules.map((name) => `console.log(Object.keys(await import("./${name}")).length);`);
    await project.write("load.mjs", lines.join("\n"));
    expect(await run(process.execPath, "load.mjs")).toMatch(/tool: 'run_code'/); // what the guide's model server said
  });

  test("have parts that keep their contracts", async () => {
    const tests = [...examples.keys()].filter((name) => name.endsWith(".test.mjs"));
    const stdout = await run(process.execPath, "node_modules/vitest/vitest.mjs", "run", "--no-color");
    expect(stdout).toMatch(new RegExp(`Test Files +${tests.length} passed \\(${tests.length}\\)`));
  });

  test("play an episode in the environment", async () => {
    const lines = (await run(process.execPath, "main.mjs")).trim().split("\n");
    expect(lines.filter((line) => / ok /.test(line))).toHaveLength(2);
    const fitness = lines.filter((line) => line.startsWith("true ")).map((line) => Number(line.slice(5)));
    expect(fitness).toEqual([2.08, 2.1008, 2.121808].map((score) => expect.closeTo(score, 9)));
  });

  test("evolve on an axis of one's own", async () => {
    expect(await run(process.execPath, "length-niches.mjs")).toMatch(/episodes: 1,\s+failures: 0/);
  });

  test("name parts that a run takes from files, and takes again when it is resumed", async () => {
    const nbevolve = ["npx", "--no-install", "nbevolve"];
    const parts = ["--strategy", "./greedy.mjs", "--renderer", "./outline.mjs", "--tool", "./remind.mjs"];
    const settings = ["--set", "luck=0.5", "--proposals", "1", "--dir", "out", "--json"];
    const made = await run(...nbevolve, "run", "my-task.ipynb", ...parts, ...settings);
    expect(JSON.parse(made)).toMatchObject({ episodes: 1, failures: 0 });
    const resumed = await run(...nbevolve, "resume", "out", "--proposals", "2", "--json");
    expect(JSON.parse(resumed)).toMatchObject({ episodes: 2, failures: 0 });
  });
});
