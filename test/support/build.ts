// Owns: the build that the command line's tests run, in a folder of this test run's own: a copy of `dist`, or where
// `dist` cannot be built, what the compiler makes of the sources all the same.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Inside the checkout, so that packages and shipped files are found from it as they are from `dist`.
const folder = join(root, "node_modules", ".cache", `nbevolve-test-${process.pid}`);

export function setup(): void {
  // A copy, so that a build during the tests does not change what they run.
  if (runNode("src/dev/ensure.mjs")) cpSync(join(root, "dist"), folder, { recursive: true });
  // Type errors are the type check's business; what a test imports that was not built fails that test.
  else runNode("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", folder);
  process.env["NBEVOLVE_TEST_BUILD"] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Whether a script of this checkout ended well. */
function runNode(script: string, ...args: readonly string[]): boolean {
  const { error, status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: "ignore",
  });
  if (error) throw error;
  return status === 0;
}
