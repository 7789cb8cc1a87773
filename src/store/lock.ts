// Owns: the right to write a run directory. The lock is a transaction held open on an empty database: the operating
// system takes it back when the process ends, however it ends. Never a file that says "locked".
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { makePrivateFile, PRIVATE_FILE } from "./private-files.ts";
import { sqliteEngine } from "./sqlite.ts";
import { type Database, SQLITE, sqliteCode } from "./sqlite/sqlite.ts";

export interface RunLock {
  release(): void;
}

/** Long enough for two processes that try at the same moment to give way to each other. */
const PATIENCE_MS = 200;

/** @throws RunError `run-locked`, with the holder when it is known. */
export async function lockRun(dir: string): Promise<RunLock> {
  const open = await sqliteEngine();
  makePrivateFile(join(dir, "lock.db"));
  const db = open(join(dir, "lock.db"));
  const holder = join(dir, "lock.json");
  try {
    takeLock(db, dir, holder);
    writeFileSync(holder, `${JSON.stringify(thisProcess())}\n`, { mode: PRIVATE_FILE });
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  return {
    release() {
      rmSync(holder, { force: true });
      db.exec("rollback");
      db.close();
    },
  };
}

function takeLock(db: Database, dir: string, holder: string): void {
  db.exec(`pragma busy_timeout=${PATIENCE_MS}`);
  try {
    db.exec("begin exclusive");
  } catch (thrown) {
    if (sqliteCode(thrown) !== SQLITE.busy) throw thrown;
    const message =
      `${dir} is being written by ${describeHolder(holder)}. ` +
      "Wait until it has ended, or stop it, then try again; or name another directory. Reading the run is possible meanwhile.";
    throw new RunError("run-locked", message, { cause: thrown });
  }
}

/**
 * Names the process that writes the run now: the same text as long as it holds the lock, another for the next process;
 * null when no process does.
 */
export async function liveSession(dir: string): Promise<string | null> {
  if (!existsSync(join(dir, "lock.db"))) return null;
  const open = await sqliteEngine();
  const db = open(join(dir, "lock.db"));
  try {
    db.exec("begin exclusive");
    db.exec("rollback");
    return null;
  } catch (thrown) {
    if (sqliteCode(thrown) !== SQLITE.busy) throw thrown;
    return holderOf(join(dir, "lock.json"));
  } finally {
    db.close();
  }
}

/** The session of this process, which holds the lock. */
export function ownSession(dir: string): string {
  return holderOf(join(dir, "lock.json"));
}

function holderOf(file: string): string {
  const { pid, host, since } = readHolder(file);
  return `${pid} ${host} ${since}`;
}

function thisProcess(): { pid: number; host: string; since: string } {
  return { pid: process.pid, host: hostname(), since: new Date().toISOString() };
}

function readHolder(file: string): Partial<ReturnType<typeof thisProcess>> {
  const holder: Partial<ReturnType<typeof thisProcess>> = JSON.parse(readFileSync(file, "utf8"));
  return holder;
}

/** For the message only: a holder that died may have left its file behind, or half of it. */
function describeHolder(file: string): string {
  try {
    const { pid, host, since } = readHolder(file);
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    return "another process";
  }
}
