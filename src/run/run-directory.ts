// Owns: where a run lies, and that a run refused before it began leaves nothing there.
// Never touches a directory that holds a run, nor what else lies there.
import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { claimRunFolder, holdsRun } from "../store/index.ts";
import type { RunOptions } from "./run-options.ts";

export interface RunDirectory {
  /** Absolute. */
  readonly dir: string;
  /** Removes what came since, with the directories that were made for it. `isOurs`: whether this process has opened it. */
  restore(isOurs: boolean): Promise<void>;
}

/**
 * The directory of a run: the one that is named, or else a new one, which is made at once, so that no other run gets it.
 * @throws RunError `bad-option` when there is neither a directory nor a task; or why none can be made.
 */
export function openRunDirectory({ dir, task }: Pick<RunOptions, "dir" | "task">): RunDirectory {
  if (dir !== undefined) return rememberDirectory(resolve(dir));
  if (task === undefined)
    throw new RunError("bad-option", "give a `task` to start a run, or the `dir` of one to resume");
  const wanted = resolve("runs", `${nameOf(task)}-${timeText()}`);
  const missing = missingAbove(dirname(wanted));
  const made = claimRunFolder(wanted);
  return {
    dir: made,
    async restore() {
      await rm(made, { recursive: true, force: true });
      removeEmpty(missing);
    },
  };
}

const MOST_LETTERS = 100;

function nameOf(task: Exclude<RunOptions["task"], undefined>): string {
  const name = typeof task === "string" ? basename(task, extname(task)) : task.name;
  return name.replaceAll(/[^\w.-]+/g, "-").slice(0, MOST_LETTERS);
}

/** For names: `20260131-235959`, of the world's time. */
function timeText(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

/** Remembers what is there now. */
function rememberDirectory(dir: string): RunDirectory {
  if (holdsRun(dir)) return { dir, restore: async () => undefined };
  const before = existsSync(dir) ? new Set(readdirSync(dir)) : null;
  const missing = missingAbove(dir);
  return {
    dir,
    async restore(isOurs) {
      if (!isOurs || !existsSync(dir)) return;
      const fresh = readdirSync(dir).filter((name) => before?.has(name) !== true);
      for (const name of fresh) await rm(join(dir, name), { recursive: true, force: true });
      removeEmpty(missing);
    },
  };
}

function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      return; // gone, or not empty: another run lies there
    }
  }
}

/** The directory and those above it that are not there, the innermost first. */
function missingAbove(dir: string): readonly string[] {
  return existsSync(dir) ? [] : [dir, ...missingAbove(dirname(dir))];
}
