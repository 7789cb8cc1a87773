// Owns: where this package and the files that ship as source (our Python, the benchmarks) lie on disk, whether it
// runs from its sources or from `dist`. Never reads what it finds.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the folder of nbevolve's own package.json. */
export function packageRoot(): string {
  return rootAbove(dirname(fileURLToPath(import.meta.url)));
}

/** The version of this nbevolve. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot(), "package.json"), "utf8"),
  );
  return version;
}

/** Absolute path of something that ships, named from the top of the package: "src/kernels/python". */
export function shippedPath(path: string): string {
  return join(packageRoot(), path);
}

/** A guide as its reader finds it from here: `node_modules/nbevolve/docs/guides/models.md` where it is installed. */
export function shownGuide(name: string): string {
  const path = shippedPath(join("docs", "guides", name));
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

/** The nearest folder at or above `folder` whose package.json is named nbevolve. @throws Error when there is none. */
export function rootAbove(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (isOurs(join(at, "package.json"))) return at;
    if (at === dirname(at))
      throw new Error(`no package.json of nbevolve at or above ${folder}; install the package whole`);
  }
}

function isOurs(file: string): boolean {
  if (!existsSync(file)) return false;
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  return (
    typeof manifest === "object" && manifest !== null && "name" in manifest && manifest.name === "nbevolve"
  );
}
