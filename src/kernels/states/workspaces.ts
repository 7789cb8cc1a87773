// Owns: the directory of each lease, below one root. Never touches what is outside of it.
import { constants } from "node:fs";
import { cp, lstat, mkdir, readdir, readlink, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** @throws RangeError unless `name` is one plain directory name. */
export function workspacePath(root: string, name: string): string {
  if (name === "" || name === "." || name === ".." || basename(name) !== name || name.includes("\0")) {
    throw new RangeError(`not a name for a workspace: ${JSON.stringify(name)}`);
  }
  return join(root, name);
}

/** An empty directory, whatever was there before. */
export async function emptyWorkspace(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(path, { recursive: true });
}

/** The files of one workspace in another, emptied before; shared blocks where the file system can. */
export async function copyWorkspace(from: string, to: string): Promise<void> {
  await emptyWorkspace(to);
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
