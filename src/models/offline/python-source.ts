// Owns: reading the Python that the offline model writes in notebooks. It is shipped as source.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = join("src", "models", "offline", "python", "nbevolve_search");
const MODULES = ["program.py", "local.py", "soft.py", "moves.py", "search.py"];

/** What follows the classes: a search on the problem that this notebook declares. */
const BEGIN = `try:
    search = Search(problem)
except NameError:
    print("offline:", "no problem declared")
else:
    print(search.facts(submission))`;

/**
 * The package `nbevolve_search` as one cell, so that a notebook contains all that it was made with and runs anywhere,
 * whatever later versions do. @throws Error when a file of it is missing.
 */
export function searchTools(): string {
  const modules = MODULES.map((name) => splitModule(readShipped(join(PACKAGE, name))));
  const imports = [...new Set(modules.flatMap(({ imports }) => imports))].toSorted();
  const title = "# Offline search tools: classical optimisers for whatever the task declares as `problem`.";
  return [[title, ...imports].join("\n"), ...modules.map(({ code }) => code), BEGIN].join("\n\n\n");
}

/** A module without its docstring and its imports of neighbours; other imports are returned apart. */
function splitModule(text: string): { readonly imports: readonly string[]; readonly code: string } {
  const lines = text.replace(/^"""[\s\S]*?"""\n/, "").split("\n");
  const isImport = (line: string): boolean => /^(import|from) /.test(line);
  return {
    imports: lines.filter((line) => isImport(line) && !/^from (\.|__future__)/.test(line)),
    code: lines
      .filter((line) => !isImport(line))
      .join("\n")
      .trim(),
  };
}

function readShipped(path: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const file = join(at, path);
    if (existsSync(file)) return readFileSync(file, "utf8");
    if (at === dirname(at))
      throw new Error(`the file ${path} of nbevolve is missing; install the package again`);
  }
}
