// Owns: what is left of a run whose database is gone: finding it, and saying what can be rescued. It is the last copy, and is
// never written to.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { ownCommand } from "../core/shell-words.ts";
import { lookAt } from "./private-files.ts";

/**
 * Before the database is opened: SQLite makes one that is missing, and removes a log that lies beside an empty file.
 * @throws RunError `run-corrupt` when what is left of a run lies there.
 */
export function refuseMissingDatabase(dir: string): void {
  if (sizeOf(join(dir, "run.db")) === 0) refuseRemains(dir, [...READABLE, "run.db-wal"]);
}

/** For a database that is opened for reading and has no tables yet. @throws RunError `run-corrupt` when what is left of a run lies beside it. */
export function refuseEmptyDatabase(dir: string): void {
  refuseRemains(dir, READABLE);
}

/** For a database that cannot be read: what lies beside it and may be rescued, as a sentence; empty when nothing does. */
export function describeRescue(dir: string): string {
  const left = describeRemains(dir, READABLE);
  return left === null ? "" : ` Beside it is what is left of the run: ${left}. ${rescue(dir)}`;
}

const READABLE = ["journal.jsonl", "best.ipynb"] as const;

function refuseRemains(dir: string, files: readonly string[]): void {
  const left = describeRemains(dir, files);
  if (left === null) return;
  throw new RunError(
    "run-corrupt",
    `${dir} holds what is left of a run: ${left}. But its run.db is missing or holds no event. Nothing was changed. ` +
      `Restore run.db from a backup, with its run.db-wal if there is one, then resume. ${rescue(dir)}`,
  );
}

function rescue(dir: string): string {
  return (
    "Without run.db the run cannot go on, since replies and kernels were in it alone. Its scores are in journal.jsonl and its " +
    "notebooks in branches. To go on from its best: start a run in another directory, then " +
    ownCommand("inject", "THAT_RUN", join(dir, "best.ipynb"))
  );
}

function describeRemains(dir: string, files: readonly string[]): string | null {
  const sizes = files.flatMap((name) => {
    const bytes = sizeOf(join(dir, name));
    return bytes === 0 ? [] : [`${name} (${bytes.toLocaleString("en")} bytes)`];
  });
  const branches = join(dir, "branches");
  const names = existsSync(branches) ? readdirSync(branches) : [];
  const notebooks = names.filter((name) => name.endsWith(".ipynb")).length;
  const folder = notebooks === 0 ? [] : [`branches (${notebooks} notebook${notebooks === 1 ? "" : "s"})`];
  const all = [...sizes, ...folder];
  return all.length === 0 ? null : all.join(", ");
}

function sizeOf(file: string): number {
  return lookAt(file)?.size ?? 0;
}
