// Owns: running our own TypeScript in a Node process of its own, built as the published package is.
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const COMPILE =
  "--ignoreConfig --rootDir . --target es2022 --lib es2023,esnext.disposable --module nodenext --types node";
const LENIENT = "--rewriteRelativeImportExtensions --verbatimModuleSyntax --skipLibCheck";

/**
 * A Node process that imports one of our modules and gives it to `use`, a JavaScript function as text.
 * Its stdout is piped; the process is killed, and the build removed, when the test is over.
 */
export async function runCompiled(
  module: string,
  use: string,
): Promise<ChildProcess & { stdout: NonNullable<ChildProcess["stdout"]> }> {
  const folder = await mkdtemp(join(tmpdir(), "nbevolve-compiled-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ["src", "node_modules", "package.json"])
    await symlink(join(root, name), join(folder, name));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const flags = [...COMPILE.split(" "), ...LENIENT.split(" "), "--outDir", join(folder, "dist")];
  await promisify(execFile)(process.execPath, [tsc, ...flags, module], { cwd: root });
  const built = join(folder, "dist", module.replace(/\.ts$/, ".js"));
  const program = `(${use})(await import(${JSON.stringify(built)}));`;
  const node = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void node.kill("SIGKILL"));
  return node;
}
