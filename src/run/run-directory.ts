// Owns: where a run lies, and that a run refused before it began leaves nothing there.
// Never touches a directory that holds a run, nor what else lies there.
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import type { RunOptions } from "./run-options.ts";

/** The absolute run directory. @throws RunError `bad-option` when there is neither a directory nor a task. */
export function runDirectory({ dir, task }: Pick<RunOptions, "dir" | "task">): string {
  if (dir !== undefined) return resolve(dir);
  if (task === undefined)
    throw new RunError("bad-option", "give a `task` to start a run, or the `dir` of one to resume");
  const name = typeof task === "string" ? basename(task, extname(task)) : task.name;
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return resolve("runs", `${name.replaceAll(/[^\w.-]+/g, "-")}-${time}`);
}

/** Remembers what is there now; the function removes what came since, with the directories that were made for it. */
export function rememberDirectory(dir: string): () => Promise<void> {
  if (existsSync(join(dir, "run.db"))) return async () => undefined;
  const before = existsSync(dir) ? new Set(readdirSync(dir)) : null;
  const missing = missingAbove(dir);
  return async () => {
    if (!existsSync(dir)) return;
    const fresh = readdirSync(dir).filter((name) => before?.has(name) !== true);
    for (const name of fresh) await rm(join(dir, name), { recursive: true, force: true });
    for (const made of missing) if (readdirSync(made).length === 0) rmdirSync(made);
  };
}

/** The directory and those above it that are not there, the innermost first. */
function missingAbove(dir: string): readonly string[] {
  return existsSync(dir) ? [] : [dir, ...missingAbove(dirname(dir))];
}
