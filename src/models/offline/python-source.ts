// Owns: reading the Python that the offline model puts into notebooks. It ships as source, whatever is built from ours.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of `python/`, without the line break at its end. @throws Error when the package is not whole. */
export function pythonSource(name: "search_tools.py" | "nudge_tools.py"): string {
  const path = join("src", "models", "offline", "python", name);
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const file = join(at, path);
    if (existsSync(file)) return readFileSync(file, "utf8").trimEnd();
    if (at === dirname(at)) throw new Error(`nbevolve lacks its file ${path}; install the package whole`);
  }
}
