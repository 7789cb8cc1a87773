// The reference is made without a warning: everything public has a docstring, every type that a public one is made of is public
// itself, and every link leads somewhere.
// Long: TypeDoc and a compiler of its own are installed on first use, and read all sources.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const manifest: { exports: Record<string, unknown> } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);

test("npm run api describes every entry of the package, and finds nothing undescribed", async () => {
  const out = await mkdtemp(join(tmpdir(), "nbevolve-api-"));
  try {
    // It throws, with what TypeDoc says, where there is a warning.
    await promisify(execFile)(process.execPath, ["src/dev/api.mjs", "--out", out], { cwd: root });
    for (const entry of Object.keys(manifest.exports).filter((path) => path !== "./package.json")) {
      const text = await readFile(join(out, `${entry.replace(".", "nbevolve")}.md`), "utf8");
      expect(text).toMatch(/^## (Functions|Type Aliases|Interfaces|Variables)$/m);
    }
    const text = await readFile(join(out, "nbevolve.md"), "utf8");
    for (const name of ["startRun\\(\\)", "readRun\\(\\)", "RunHandle", "RunBranch", "StreamEvent"])
      expect(text).toMatch(new RegExp(`^### ${name}`, "m"));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
