// Owns: building what the command line's tests run, once, into a folder of this test run's own.
// Type errors are the type check's business; what a test imports that was not built fails that test.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Inside the checkout, so that packages and shipped files are found from it as they are from `dist`.
const folder = join(root, "node_modules", ".cache", `nbevolve-test-${process.pid}`);

export function setup(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
  const { error } = spawnSync(process.execPath, args, { cwd: root, stdio: "ignore" });
  if (error) throw error;
  process.env["NBEVOLVE_TEST_BUILD"] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
