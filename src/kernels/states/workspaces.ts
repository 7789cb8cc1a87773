// Owns: the workspaces of the leases, one directory each below one root. Never touches what is outside of it.
import { constants } from "node:fs";
import { cp, lstat, mkdir, readdir, readlink, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export class Workspaces {
  /** Absolute. */
  readonly root: string;
  readonly #onClear: ((name: string) => void)[] = [];

  constructor(root: string) {
    this.root = root;
  }

  /** Absolute. @throws RangeError unless `name` is one plain directory name. */
  path(name: string): string {
    if (name === "" || name === "." || name === ".." || basename(name) !== name || name.includes("\0"))
      throw new RangeError(`not a name for a workspace: ${JSON.stringify(name)}`);
    return join(this.root, name);
  }

  /** Calls `listener` with a workspace's name just before its files are removed. */
  onClear(listener: (name: string) => void): void {
    this.#onClear.push(listener);
  }

  /** An empty directory, whatever was there before. Resolves to its path. */
  async clear(name: string): Promise<string> {
    for (const listener of this.#onClear) listener(name);
    const path = this.path(name);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    await mkdir(path, { recursive: true });
    return path;
  }

  /** The files of a directory in a workspace, which is emptied first. Resolves to its path. */
  async fill(name: string, from: string): Promise<string> {
    const path = await this.clear(name);
    await copyFiles(from, path);
    return path;
  }
}

/** The files of a directory in another one; blocks are shared where the file system can. */
export async function copyFiles(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

/** Beyond these a copy for every checkpoint costs more than it can bring. */
const MOST_BYTES = 1 << 30;
const MOST_ENTRIES = 20_000;

/** Why a workspace cannot be kept with a state; null when it can. Links may not lead out of it. */
export async function workspaceTrouble(path: string): Promise<string | null> {
  let bytes = 0;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  if (entries.length > MOST_ENTRIES) return `the workspace has more than ${MOST_ENTRIES} files`;
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await readlink(file);
      const inside = relative(path, resolve(dirname(file), target));
      if (isAbsolute(target) || inside === ".." || inside.startsWith(`..${sep}`))
        return `the link ${relative(path, file)} leads out of the workspace`;
    } else if (entry.isFile()) {
      bytes += (await lstat(file)).size;
    } else if (!entry.isDirectory()) {
      return `${relative(path, file)} is neither a file nor a folder`;
    }
    if (bytes > MOST_BYTES) return `the workspace has more than ${MOST_BYTES / 2 ** 30} GB`;
  }
  return null;
}
