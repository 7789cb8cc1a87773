// What is published: its entries, its command, its files and its types, from the installed tarball.
// Long: the package is packed and installed, with its dependencies, in an empty project.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { PackedProject } from "./packed-project.ts";
import { packedProject, STRICT } from "./packed-project.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest: { version: string; exports: Record<string, unknown> } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);
const ENTRIES = Object.keys(manifest.exports)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(".", "nbevolve"));
/** The conformance suites are tests themselves: they load under vitest alone. */
const LOADABLE = ENTRIES.filter((name) => name !== "nbevolve/testing/conformance");

describe("the installed tarball", () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await packedProject();
  });

  test("gives something from each of its entries", async () => {
    expect(LOADABLE).toEqual(
      ["", "/strategies", "/renderers", "/benchmarks", "/testing"].map((entry) => `nbevolve${entry}`),
    );
    const lines = LOADABLE.map((name) => `console.log(Object.keys(await import("${name}")).length > 0);`);
    await project.write("entries.mjs", lines.join("\n"));
    const { stdout, stderr } = await project.run(process.execPath, ["entries.mjs"]);
    expect(stdout).toBe("true\n".repeat(lines.length));
    expect(stderr).toBe("");
  });

  test("has a command that says its version", async () => {
    const { stdout } = await project.run("npx", ["--no-install", "nbevolve", "--version"]);
    expect(stdout.trim()).toBe(manifest.version);
  });

  test("holds what runs beside the kernels, and neither tests nor scripts of this checkout", async () => {
    const files = (await readdir(join(project.dir, "node_modules/nbevolve"), { recursive: true })).map(
      (name) => name.replaceAll("\\", "/"),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        "dist/src/cli/main.js",
        "src/cli/nbevolve.mjs",
        "dist/src/index.d.ts",
        "src/machine/python/requirements.txt",
        "src/machine/python/inspect_environment.py",
        "src/machine/guard/nbevolve_guard/guard.py",
        "LICENSE",
        "package.json",
      ]),
    );
    expect(
      files.filter((name) => /(^|\/)(test|node_modules|\.ci|dev|__pycache__)(\/|$)|\.pyc$/.test(name)),
    ).toEqual([]);
  });

  test("has types that hold in a strict project", async () => {
    const names = ENTRIES.map((name, at) => `import * as entry${at} from "${name}";`);
    await project.write(
      "consumer.mts",
      `${names.join("\n")}\nexport const used = [${ENTRIES.map((_, at) => `entry${at}`).join(", ")}];\n`,
    );
    await project.write(
      "tsconfig.json",
      JSON.stringify({ compilerOptions: STRICT, files: ["consumer.mts"] }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await project.run(process.execPath, [tsc, "-p", "tsconfig.json"]);
    expect(stdout).toBe("");
  });
});
