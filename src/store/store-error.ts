// Owns: what an error of SQLite or the file system means for a run, in words. Never handles it.
import { statfsSync } from "node:fs";
import { isShortOfFiles, messageOf, openFilesError, RunError, type RunErrorCode } from "../core/errors.ts";
import { describeRescue } from "./lost-database.ts";
import { SQLITE, sqliteCode } from "./sqlite/sqlite.ts";

/** Fewer free bytes than this, and an unexplained I/O error is a full disk. */
const NEARLY_FULL_BYTES = 64 * 1024;

/**
 * The RunError for something thrown while `doing` (a phrase: "appending events") in a run directory.
 * Anything that is neither the engine's nor the file system's comes back as it is.
 */
export function storeError(thrown: unknown, dir: string, doing: string): unknown {
  if (thrown instanceof RunError) return thrown;
  if (isShortOfFiles(thrown)) return openFilesError("no more files", `${doing} needs one`, thrown);
  const code = codeFor(thrown, dir);
  if (code === null) return thrown;
  const rescue = code === "run-corrupt" ? describeRescue(dir) : "";
  const message = `${dir}: ${reasons[code]} while ${doing} (${messageOf(thrown)}). ${remedies[code]}${rescue}`;
  return new RunError(code, message, { cause: thrown });
}

type StoreCode = Extract<RunErrorCode, "disk-full" | "journal-unwritable" | "run-corrupt">;

const reasons: Readonly<Record<StoreCode, string>> = {
  "disk-full": "the disk is full",
  "journal-unwritable": "the directory or a file in it cannot be used",
  "run-corrupt": "run.db is damaged or not a database",
};

const remedies: Readonly<Record<StoreCode, string>> = {
  "disk-full": "Nothing already recorded is lost: make room, then resume.",
  "journal-unwritable":
    "Nothing already recorded is lost: see that the directory can be written to and that no other program holds run.db, then resume.",
  "run-corrupt": "Restore run.db from a backup, or start a new run in another directory.",
};

function codeFor(thrown: unknown, dir: string): StoreCode | null {
  const sqlite = sqliteCode(thrown);
  if (sqlite !== null) return codeForSqlite(sqlite, dir);
  if (!(thrown instanceof Error) || !("syscall" in thrown) || !("code" in thrown)) return null;
  return thrown.code === "ENOSPC" || thrown.code === "EDQUOT" ? "disk-full" : "journal-unwritable";
}

function codeForSqlite(code: number, dir: string): StoreCode | null {
  if (code === SQLITE.error) return null; // Wrong SQL: a mistake of ours, not the run's trouble.
  if (code === SQLITE.full) return "disk-full";
  if (code === SQLITE.corrupt || code === SQLITE.notADatabase) return "run-corrupt";
  // SQLite does not tell why a file could not be made, grown or synced.
  const unexplained = code === SQLITE.ioError || code === SQLITE.cannotOpen;
  return unexplained && isFull(dir) ? "disk-full" : "journal-unwritable";
}

function isFull(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < NEARLY_FULL_BYTES;
  } catch {
    return false; // The directory itself cannot be looked at: then that is the trouble, not its disk.
  }
}
