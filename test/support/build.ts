// Owns: building what the command line's tests run, once, before any of them. Type errors are the type check's business.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "ignore",
  });
  if (error) throw error;
}
