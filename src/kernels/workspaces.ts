// Owns: the directory of each lease, below one root. Never touches what is outside of it.
import { constants } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

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
