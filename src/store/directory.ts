// Owns: making a run's directory so that it survives a power cut. Never removes one.
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** The directory and its parents are there, durably. */
export function makeDirectory(dir: string): void {
  const first = mkdirSync(dir, { recursive: true });
  if (first === undefined) return;
  for (let made = dir; made.length >= first.length; made = dirname(made)) syncDirectory(dirname(made));
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
