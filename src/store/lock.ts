// Owns: the right to write a run directory. The lock is one that the operating system takes back when its
// process ends, however it ends: a transaction held open on an empty database. Never a file that says "locked".
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import { type Database, SQLITE, sqliteCode, sqliteEngine } from "./sqlite.ts";

export interface RunLock {
  release(): void;
}

/** Long enough for two that try at the same moment to make way for each other. */
const PATIENCE_MS = 200;

/** @throws RunError `run-locked` naming the holder where it is known. */
export async function lockRun(dir: string): Promise<RunLock> {
  const open = await sqliteEngine();
  const db = open(join(dir, "lock.db"));
  const holder = join(dir, "lock.json");
  try {
    hold(db, dir, holder);
    writeFileSync(holder, `${JSON.stringify(thisProcess())}\n`);
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

function hold(db: Database, dir: string, holder: string): void {
  db.exec(`pragma busy_timeout=${PATIENCE_MS}`);
  try {
    db.exec("begin exclusive");
  } catch (thrown) {
    if (sqliteCode(thrown) !== SQLITE.busy) throw thrown;
    const message =
      `${dir} is being written by ${whoHolds(holder)}. ` +
      "Wait until it has ended, or stop it, then try again; or name another directory. Reading the run is possible meanwhile.";
    throw new RunError("run-locked", message, { cause: thrown });
  }
}

function thisProcess(): { pid: number; host: string; since: string } {
  return { pid: process.pid, host: hostname(), since: new Date().toISOString() };
}

/** For the message only: a holder that died may have left its file behind, or half of it. */
function whoHolds(file: string): string {
  try {
    const { pid, host, since }: Partial<ReturnType<typeof thisProcess>> = JSON.parse(
      readFileSync(file, "utf8"),
    );
    return `process ${pid} on ${host}, since ${since}`;
  } catch {
    return "another process";
  }
}
