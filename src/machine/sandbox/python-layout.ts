// Owns: which folders a Python needs in order to run. Never shows more of a prefix than Python uses: a prefix can be
// a project's own folder, or a home.
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ask } from "../python/inspect.ts";

const ASK = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix]))";
const PARTS = ["bin", "lib", "lib64", "include", "libexec"] as const;
/** Only of prefixes that are nothing else than a Python's environment. */
const MORE_PARTS = ["share", "etc", "ssl", "pyvenv.cfg"] as const;
const MARKS = ["pyvenv.cfg", "conda-meta"] as const;
/** More links than this are a circle. */
const LINKS = 20;

const known = new Map<string, Promise<readonly string[]>>();

/** Absolute paths to be shown read-only; only what exists. Asked once for each interpreter. */
export function pythonFolders(python: string): Promise<readonly string[]> {
  const found = known.get(python) ?? foldersOf(python);
  known.set(python, found);
  return found;
}

async function foldersOf(python: string): Promise<readonly string[]> {
  const answer = await ask(python, ["-I", "-c", ASK], { env: { PATH: process.env["PATH"] } });
  // One that cannot be asked cannot be run either: starting it gives the error.
  const said: readonly string[] = answer.code === 0 ? JSON.parse(answer.stdout) : [];
  const prefixes = new Set([...said, ...linksOf(python).map((path) => prefixOf(path))]);
  for (const prefix of [...prefixes]) if (existsSync(prefix)) prefixes.add(realpathSync(prefix));
  const outside = linksOf(python).filter((path) => basename(dirname(path)) !== "bin");
  return [...new Set([...[...prefixes].flatMap(partsOf), ...outside])].filter((path) => existsSync(path));
}

const prefixOf = (path: string): string =>
  basename(dirname(path)) === "bin" ? dirname(dirname(path)) : dirname(path);

function partsOf(prefix: string): readonly string[] {
  const alone = MARKS.some((mark) => existsSync(join(prefix, mark)));
  return [...PARTS, ...(alone ? MORE_PARTS : [])].map((part) => join(prefix, part));
}

/** The interpreter's path, and every path that it leads to by symbolic links. */
function linksOf(python: string): readonly string[] {
  const paths = [resolve(python)];
  for (let path = paths[0] ?? ""; paths.length < LINKS && isLink(path); paths.push(path))
    path = resolve(dirname(path), readlinkSync(path));
  return paths;
}

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
