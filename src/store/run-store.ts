// Owns: an open run directory: the journal, its blobs, its lock and its mirrors as one thing.
// Never decides what is recorded; of an event it knows only the blobs and the branch.
import { resolve } from "node:path";
import { checkOptions, checkValue, oneOf, OPTION } from "../core/options.ts";
import { RunError } from "../core/errors.ts";
import type { BlobReader, Journal } from "../contracts/index.ts";
import { journalReader, type TimedEvent, truthOf } from "./sqlite/journal-reader.ts";
import { type JournalWriter, journalWriter } from "./sqlite/journal-writer.ts";
import { makeMark, markOf } from "./installation.ts";
import { lockRun, type RunLock } from "./lock.ts";
import { refuseLinks } from "./private-files.ts";
import { makeRunFolder } from "./run-folder.ts";
import { keepForeignFiles } from "./mirrors/keep-foreign.ts";
import { mirrorsOf } from "./mirrors/mirrors.ts";
import { closeWritten, openToRead, openToWrite, requireRun } from "./sqlite/run-db.ts";
import type { Database } from "./sqlite/sqlite.ts";
import { removeStopNote } from "./stop-note.ts";
import { storeError } from "./store-error.ts";
import { type Tables, tablesOf } from "./sqlite/tables.ts";

/** How a run directory is opened. */
export interface RunStoreOptions {
  /** `write`: there is one writer, which may make the run. `read`: any number of readers, also beside a writer. */
  readonly mode: "write" | "read";
  /** With `write`: the run must exist already. Default false. */
  readonly mustExist?: boolean;
}

/** Closing it waits for appends under way, and throws only what no `append` has thrown before. */
export interface RunStore extends Journal, BlobReader, AsyncDisposable {
  /** Absolute. */
  readonly dir: string;
  /** The folder that readable files were moved to which the journal does not account for; null where there were none. */
  readonly keptIn: string | null;
  /** Whether this user's installation made the run, or trusted it before: see `installation.ts`. True where there is none yet. */
  isTrusted(): boolean;
  /** From now on `isTrusted`, here and wherever this user's state folder is. With mode `write`. */
  trust(): void;
  /** As `read`, with each event's place (from 0) and the ISO time it was appended. */
  readTimed(from: number): AsyncIterable<TimedEvent>;
}

/**
 * Opens a run directory. Opening it for writing also brings its readable files up to date.
 * @throws RunError `run-missing` | `run-locked` | `run-newer` | `run-corrupt` | `journal-unwritable` |
 * `disk-full` | `sqlite-unavailable`.
 */
export async function openRunStore(dir: string, options: RunStoreOptions): Promise<RunStore> {
  checkValue("openRunStore: dir", dir, OPTION.text);
  checkOptions("openRunStore", options, { mode: oneOf("write", "read"), mustExist: OPTION.flag }, ["mode"]);
  const absolute = resolve(dir);
  try {
    refuseLinks(absolute);
    if (options.mode === "read" || options.mustExist === true) requireRun(absolute);
    return options.mode === "read" ? await openReading(absolute) : await openWriting(absolute);
  } catch (thrown) {
    throw storeError(thrown, absolute, "opening the run");
  }
}

async function openReading(dir: string): Promise<RunStore> {
  const db = await openToRead(dir);
  const refusal = `${dir} was opened for reading only. Open it with mode "write" to append.`;
  const tables = tablesOf(db);
  return {
    dir,
    keptIn: null,
    isTrusted: () => isMarked(tables),
    trust() {
      throw new RunError("journal-unwritable", refusal);
    },
    ...journalReader(truthOf(tables, dir), dir),
    append: () => Promise.reject(new RunError("journal-unwritable", refusal)),
    [Symbol.asyncDispose]: once(async () => db.close()),
  };
}

async function openWriting(dir: string): Promise<RunStore> {
  makeRunFolder(dir);
  const lock = await lockRun(dir);
  try {
    return await openLocked(dir, lock);
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

async function openLocked(dir: string, lock: RunLock): Promise<RunStore> {
  const db = await openToWrite(dir);
  const tables = tablesOf(db);
  const truth = truthOf(tables, dir);
  const mirrors = mirrorsOf(dir, truth);
  let keptIn: string | null;
  try {
    keptIn = await keepForeignFiles(dir, truth);
    await mirrors.repair();
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  removeStopNote(dir);
  const writer = journalWriter(tables, mirrors, dir);
  return {
    dir,
    keptIn,
    isTrusted: () => isMarked(tables),
    trust() {
      const first = tables.firstEvent();
      const mark = first === null ? null : makeMark(first);
      if (mark !== null) tables.addMark(mark);
    },
    ...journalReader(truth, dir),
    append: (events, blobs) => writer.append(events, blobs),
    [Symbol.asyncDispose]: once(() => closeAll(writer, db, lock)),
  };
}

function isMarked(tables: Tables): boolean {
  const first = tables.firstEvent();
  if (first === null) return true;
  const mark = markOf(first);
  return mark !== null && tables.hasMark(mark);
}

async function closeAll(writer: JournalWriter, db: Database, lock: RunLock): Promise<void> {
  try {
    await writer.close();
  } finally {
    try {
      closeWritten(db);
    } finally {
      lock.release();
    }
  }
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}
