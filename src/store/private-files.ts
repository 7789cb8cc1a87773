// Owns: that a run directory is its owner's alone: the modes of what is made in it, that nothing in it is a link which leads
// out, and who else may look at it. Never changes the mode of what is there.
import { closeSync, constants, lstatSync, mkdirSync, openSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { errorCode, isMissingFile, RunError } from "../core/errors.ts";
import { pathWord, writeCommand } from "../core/shell-words.ts";

/** Others read nothing, whatever the umask. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

const FILES = [
  ...["run.db", "run.db-wal", "run.db-shm", "run.db-journal"],
  ...["lock.db", "lock.db-journal", "lock.json", "journal.jsonl", "best.ipynb", "stopped.txt"],
] as const;
const FOLDERS = ["branches", "inbox", "kernels", "workspaces"] as const;

/** Makes the folder, with those above it that are missing, if it is not there. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
}

/** Makes the file, empty, if it is not there: SQLite would make it as wide as the umask allows, and makes its others like it. */
export function makePrivateFile(file: string): void {
  try {
    // Only one that is new: closing one that this process has open elsewhere would give up its locks on it.
    closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, PRIVATE_FILE));
  } catch (problem) {
    if (errorCode(problem) !== "EEXIST") throw problem;
  }
}

/** No such flag on Windows. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * A directory can come from somebody else: what a run writes must not go through a link, or into what is no plain file.
 * @throws RunError `run-corrupt`.
 */
export function refuseLinks(dir: string): void {
  for (const name of FILES) refuseUnless(join(dir, name), "a plain file", (found) => found.isFile());
  for (const name of FOLDERS)
    refuseUnless(join(dir, name), "a folder of its own", (found) => found.isDirectory());
}

function refuseUnless(path: string, kind: string, fits: (found: Stats) => boolean): void {
  const found = lookAt(path);
  if (found === null || fits(found)) return;
  const is = found.isSymbolicLink() ? "is a link" : `is not ${kind}`;
  throw new RunError(
    "run-corrupt",
    `${path} ${is}: a run is read and written only where its directory is whole. ` +
      `Put ${kind} in its place, or remove it; on another disk keep the whole run directory.`,
  );
}

/** What lies there, a link itself included; null when nothing does. */
export function lookAt(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (problem) {
    if (isMissingFile(problem) || isNoFolder(problem)) return null;
    throw problem;
  }
}

/** What is named as the run directory is a file: opening it says so. */
function isNoFolder(problem: unknown): boolean {
  return errorCode(problem) === "ENOTDIR";
}

/** Who else may look into the directory, in words with the remedy; null when nobody may, or the system has no such modes. */
export function describeOtherReaders(dir: string): string | null {
  if (process.platform === "win32") return null;
  const { mode } = statSync(dir);
  if ((mode & 0o077) === 0) return null;
  const what = (mode & 0o022) === 0 ? "look into" : "write to";
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `other users of this machine can ${what} ${dir} (its mode is ${octal}). To keep them out: ${writeCommand(["chmod", "-R", "go=", pathWord(dir)])}`;
}
