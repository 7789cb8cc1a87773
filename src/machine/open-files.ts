// Owns: how many files this process and its children may have open, and how many they need.
import { readFileSync } from "node:fs";
import { openFilesError } from "../core/errors.ts";

/** What loading a command takes, and a run with a few kernels. */
const LEAST = 256;
/** What the Jupyter server has open by itself, and for each kernel; the controller has less. */
const SERVER = 96;
const KERNEL = 16;
/** Kernels besides those of the episodes: one that is made ahead, one of a reproduction, some that are kept live. */
const MORE_KERNELS = 6;

/**
 * Gives how many may be open; null: it is not known. `parallel`: the episodes at a time.
 * @throws RunError `machine-lacks` where they are too few.
 */
export function requireOpenFiles(parallel = 1): number | null {
  const limit = readLimit();
  const needed = Math.max(LEAST, SERVER + KERNEL * (parallel + MORE_KERNELS));
  if (limit === null || limit >= needed) return limit;
  const what = parallel > 1 ? `a run with ${parallel} episodes at a time` : "it";
  throw openFilesError(`only ${limit} files at a time`, `${what} needs ${needed}`);
}

/** Null: there is none, or it is not known. Node has raised it as far as it may be. */
function readLimit(): number | null {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null; // no Linux; elsewhere the system's own error tells
  }
}
