// Owns: saving the files of a workspace in the store, and placing them in another. Never touches anything else.
import { chmod, lstat, mkdir, readdir, readlink, realpath, symlink, utimes } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { SavedFile } from "./saved-state.ts";
import type { StateStore } from "./state-store.ts";
import { openPlain } from "./state-store.ts";

/** Saves what is in the workspace; parents come before what they hold. */
export async function saveFiles(workspace: string, store: StateStore): Promise<readonly SavedFile[]> {
  const entries = await readdir(workspace, { recursive: true, withFileTypes: true });
  const saved: SavedFile[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const { mode, mtimeMs: modifiedMs } = await lstat(file);
    const content = entry.isSymbolicLink()
      ? { link: await readlink(file) }
      : entry.isDirectory()
        ? null
        : await putPlain(workspace, file, store);
    saved.push({ path: relative(workspace, file), mode: mode & 0o777, modifiedMs, content });
  }
  return saved.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A kernel may replace a file of its workspace by a link at any time: no link is followed out of the workspace. */
async function putPlain(workspace: string, file: string, store: StateStore): Promise<string> {
  await using opened = await openPlain(file);
  const really = await realpath(`/proc/self/fd/${opened.fd}`).catch(() => file);
  if (really !== file && !really.startsWith(`${await realpath(workspace)}${sep}`))
    throw new Error(`${relative(workspace, file)} is not in the workspace any more`);
  return await store.put(opened);
}

/** Writes the saved files into an empty workspace. Resolves to the path of the first that the store does not hold whole. */
export async function placeFiles(
  saved: readonly SavedFile[],
  workspace: string,
  store: StateStore,
): Promise<string | null> {
  for (const { path, mode, modifiedMs, content } of saved) {
    const file = join(workspace, path);
    if (content === null) await mkdir(file, { mode: mode | 0o700, recursive: true });
    else if (typeof content === "object") await symlink(content.link, file);
    else {
      if (!(await store.get(content, file))) return path;
      await chmod(file, mode);
      await utimes(file, modifiedMs / 1000, modifiedMs / 1000);
    }
  }
  return null;
}
