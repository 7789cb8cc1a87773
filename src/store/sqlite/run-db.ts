// Owns: opening run.db: its settings, its schema and the schema's version. Never reads or writes an event.
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError, temporaryFolderError } from "../../core/errors.ts";
import { nameOption, ownCommand } from "../../core/shell-words.ts";
import { refuseEmptyDatabase, refuseMissingDatabase } from "../lost-database.ts";
import { makePrivateFile } from "../private-files.ts";
import { sqliteEngine } from "../sqlite.ts";
import { type Database, SQLITE, sqliteCode, transaction } from "./sqlite.ts";

/**
 * The version of the tables below. A run.db with a higher one was written by a newer nbevolve. One with version 1, which had
 * no blobs in chunks, or 2, which had no chain and no marks, is read as it is, and gets this version when it is opened for
 * writing; its rows of then stay without a hash.
 */
const SCHEMA_VERSION = 3;
const FIRST_VERSION = 1;

const SCHEMA = `
  create table event(seq integer primary key, at text not null, type text not null, json text not null, chain text) strict;
  create table blob(sha256 text primary key, bytes blob not null, codec text not null) strict;
  create table mark(value text primary key) strict;
  pragma user_version=${SCHEMA_VERSION};
`;
const UPGRADE = `
  alter table event add column chain text;
  create table mark(value text primary key) strict;
  pragma user_version=${SCHEMA_VERSION};
`;

// fullfsync: on macOS a plain fsync does not reach the disk. On other systems the setting changes nothing.
const DURABLE = "pragma journal_mode=wal; pragma synchronous=full; pragma fullfsync=1;";
const PATIENCE = "pragma busy_timeout=5000;";

/**
 * Opens run.db, or creates it.
 * @throws RunError `run-newer` | `run-corrupt` when it is a database, but no run, or was lost while its readable files were not.
 */
export async function openToWrite(dir: string): Promise<Database> {
  const open = await sqliteEngine();
  refuseMissingDatabase(dir);
  makePrivateFile(fileIn(dir));
  return checkOrClose(open(fileIn(dir)), (db) => {
    db.exec(PATIENCE);
    const version = schemaVersion(db, dir);
    db.exec(DURABLE);
    if (version === 0) transaction(db, () => db.exec(SCHEMA));
    else if (version < SCHEMA_VERSION) transaction(db, () => db.exec(UPGRADE));
  });
}

/** Opens a run.db that exists. @throws RunError `run-newer` | `run-corrupt` | `run-missing` when it holds nothing yet. */
export async function openToRead(dir: string): Promise<Database> {
  try {
    return await openInPlace(dir);
  } catch (thrown) {
    if (sqliteCode(thrown) !== SQLITE.cannotOpen) throw thrown;
    return openCopy(dir);
  }
}

/**
 * Closes a database that was written to, and moves what is in its write-ahead log into run.db, so that this file alone is
 * the whole run. On a full disk, and while somebody reads, the newest part stays in the log, where the next opening finds it.
 */
export function closeWritten(db: Database): void {
  try {
    db.exec("pragma busy_timeout=0; pragma wal_checkpoint(truncate);");
  } catch (thrown) {
    if (sqliteCode(thrown) === null) throw thrown;
  } finally {
    db.close();
  }
}

/** @throws RunError `run-missing` when the directory has no run.db | `run-corrupt` when it had one. */
export function requireRun(dir: string): void {
  refuseMissingDatabase(dir);
  if (!existsSync(fileIn(dir))) throw noRunError(dir);
}

async function openInPlace(dir: string): Promise<Database> {
  const open = await sqliteEngine();
  return checkOrClose(open(fileIn(dir)), (db) => {
    db.exec(`${PATIENCE} pragma query_only=1;`);
    if (schemaVersion(db, dir) > 0) return;
    refuseEmptyDatabase(dir);
    throw noRunError(dir);
  });
}

/** Opens a copy of run.db: SQLite needs an index file beside a database that it reads, and on a read-only disk it cannot make one. */
async function openCopy(dir: string): Promise<Database> {
  const copy = makeTemporaryFolder();
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    for (const name of ["run.db", "run.db-wal"])
      if (existsSync(join(dir, name))) cpSync(join(dir, name), join(copy, name));
    const db = await openInPlace(copy);
    return { ...db, close: () => (db.close(), remove()) };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

function makeTemporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "nbevolve-read-"));
  } catch (problem) {
    throw temporaryFolderError(tmpdir(), problem);
  }
}

function fileIn(dir: string): string {
  return join(dir, "run.db");
}

function checkOrClose(db: Database, check: (db: Database) => void): Database {
  try {
    check(db);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

/** The version of the tables that are there; 0 for an empty database. @throws RunError `run-newer` | `run-corrupt`. */
function schemaVersion(db: Database, dir: string): number {
  const version = Number(db.prepare("pragma user_version").all()[0]?.["user_version"]);
  if (version > SCHEMA_VERSION) throw newerRunError(dir, `its schema is version ${version}`);
  const tables = db.prepare("select name from sqlite_master where type='table' order by name").all();
  refusePrograms(db, dir);
  if (tables.length === 0 && version === 0) return version;
  const names = new Set(tables.map((row) => row["name"]));
  if (version >= FIRST_VERSION && names.has("event") && names.has("blob")) return version;
  throw new RunError(
    "run-corrupt",
    `${fileIn(dir)} is a database, but not one of nbevolve's runs. Name the directory of a run, or a new one.`,
  );
}

/** A database can bring statements of its own, which SQLite would carry out with ours. @throws RunError `run-corrupt`. */
function refusePrograms(db: Database, dir: string): void {
  const found = db
    .prepare(
      "select type, name from sqlite_master where type in ('trigger', 'view') or sql like 'create virtual%'",
    )
    .all()[0];
  if (found === undefined) return;
  const what = `the ${String(found["type"])} ${JSON.stringify(found["name"])}`;
  throw new RunError(
    "run-corrupt",
    `${fileIn(dir)} holds ${what}, which no run has: somebody put it there. Restore run.db from a backup, or do not use it.`,
  );
}

/** `what`: what shows that a newer nbevolve wrote the run. */
function newerRunError(dir: string, what: string): RunError {
  return new RunError(
    "run-newer",
    `${dir} was written by a newer nbevolve: ${what}. Use that version, or newer.`,
  );
}

function noRunError(dir: string): RunError {
  return new RunError(
    "run-missing",
    `there is no run in ${dir} (no run.db, or an empty one). Name the directory of a run, or start one there with: ${nameOption(ownCommand("run", "TASK", "--dir", dir), "startRun({ dir })")}`,
  );
}
