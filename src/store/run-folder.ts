// Owns: making a run directory, durably, for its owner alone. Never removes one.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../core/errors.ts";
import { makePrivateFolder } from "./private-files.ts";
import { storeError } from "./store-error.ts";

/** Whether a run was begun there. */
export function holdsRun(dir: string): boolean {
  return existsSync(join(dir, "run.db"));
}

/** The directory and its parents are there. */
export function makeRunFolder(dir: string): void {
  if (existsSync(dir)) return;
  const first = mkdirSync(dirname(dir), { recursive: true }) ?? dir;
  makePrivateFolder(dir);
  for (let made = dir; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
}

/** A new directory, this process's alone: `wanted`, or with the first number behind it that nobody has. @throws RunError. */
export function claimRunFolder(wanted: string): string {
  try {
    for (let number = 1; ; number++) {
      const dir = number === 1 ? wanted : `${wanted}-${number}`;
      mkdirSync(dirname(dir), { recursive: true });
      if (!makeNew(dir)) continue;
      syncDirectory(dirname(dir));
      return dir;
    }
  } catch (problem) {
    throw storeError(problem, wanted, "making the run directory");
  }
}

/** Whether it is made: false where there is one; or where its parent is gone again, since a run that was refused removed it. */
function makeNew(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
    return true;
  } catch (problem) {
    if (["EEXIST", "ENOENT"].includes(errorCode(problem) ?? "")) return false;
    throw problem;
  }
}

/** On Windows a directory cannot be synced, and need not be. */
function syncDirectory(dir: string): void {
  if (process.platform === "win32") return;
  const opened = openSync(dir, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
