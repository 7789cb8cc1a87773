// Owns: `npm run api`: the reference of the library as Markdown in docs/api, made from the docstrings, and refused where one is
// missing. TypeDoc reads the compiler API of TypeScript 6, so both are installed apart, in node_modules/.cache, on first use.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { runChild } from "./child.mjs";
import { ensureDependencies, ROOT, runScript } from "./ensure.mjs";

/** Writes the reference; what TypeDoc warns of is an error. `more`: further arguments of TypeDoc, such as `--out`. */
async function makeReference(more) {
  const tool = join(ROOT, "node_modules/.cache/nbevolve-api");
  mkdirSync(tool, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(ROOT, "src/dev/api", name), join(tool, name));
  await ensureDependencies(tool);
  const typedoc = join(tool, "node_modules/typedoc/bin/typedoc");
  const plugin = join(tool, "node_modules/typedoc-plugin-markdown/dist/index.js");
  const { code } = await runChild(process.execPath, [typedoc, "--plugin", plugin, ...more], { cwd: ROOT });
  process.exitCode = code;
}

await runScript(() => makeReference(process.argv.slice(2)));
