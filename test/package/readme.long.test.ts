// The lines that the README shows, run as a user would: installed from the tarball, from a script and from the shell.
// Long: the package is packed and installed in an empty project, and the offline model searches.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { packedProject, type PackedProject } from "./packed-project.ts";

const README = await readFile(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");

describe("the README", () => {
  let project: PackedProject;
  beforeAll(async () => {
    project = await packedProject();
  });

  test("its library lines evolve something, and check in a strict project", async () => {
    const lines = /```ts\n(?<code>[\s\S]*?)```/.exec(README)?.groups?.["code"] ?? "";
    expect(lines.trim().split("\n").length).toBeLessThanOrEqual(10);
    // The offline model's shortest proposals show the same in a fraction of the time.
    await project.write("readme.mjs", lines.replace("offline()", "offline({ explorations: 1, tries: 1 })"));
    const { stdout } = await project.run(process.execPath, ["readme.mjs"]);
    const [score, path] = (stdout.trim().split("\n").at(-1) ?? "").split(" ");
    expect(Number(score)).toBeGreaterThan(2.3);
    expect(existsSync(path ?? "")).toBe(true);
    expect(stdout).toMatch(/^b0: 2\.0\d+\n(b\d: 2\.\d+\n)+/);
  });

  test("its command line works where it is installed", async () => {
    const args = [
      "--no-install",
      "nbevolve",
      "run",
      "circles-square-26",
      "--param",
      "n=5",
      "--proposals",
      "2",
      "--model",
      "offline:tries=1,explorations=1",
    ];
    const { stdout } = await project.run("npx", [...args, "--seed", "1", "--dir", "out", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ dir: join(project.dir, "out"), episodes: 2 });
    const shown = await project.run("npx", ["--no-install", "nbevolve", "show", "out"]);
    expect(shown.stdout).toMatch(/^b0 {2}founder/m);
  });
});
