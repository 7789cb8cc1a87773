// Owns: every SQL statement on events and blobs. Never compresses, decodes or mirrors.
import { RunError } from "../../core/errors.ts";
import { refuseMissingBlobs } from "../../core/run/blobs-of.ts";
import type { BlobHash, RunEvent } from "../../contracts/index.ts";
import { makeMark } from "../installation.ts";
import { chainHash } from "./chain.ts";
import type { PackedBlob } from "./blob-codec.ts";
import { type Database, type Row, transaction } from "./sqlite.ts";

/** A row of the table of events. */
export interface EventRow {
  /** Position in the journal: 0 for the first event, and one more for each that follows. */
  readonly seq: number;
  /** When it was appended, as an ISO time. */
  readonly at: string;
  readonly json: string;
  /** Its place in the chain of rows; null where an earlier version wrote it. */
  readonly chain: string | null;
}

export interface NewEvent {
  /** Each blob that it names must come with the same call, or be stored already. */
  readonly event: RunEvent;
  readonly json: string;
}

/** What one call of `append` gives: it is kept as a whole, or not at all. */
interface PackedCall {
  readonly events: readonly NewEvent[];
  readonly blobs: readonly PackedBlob[];
}

export interface Tables {
  /** The events from position `from` on, in order, without those that are appended after the reading has begun. Default `types`: all. */
  events(from: number, types?: readonly RunEvent["type"][]): Generator<EventRow, void, undefined>;
  /** The hash in the chain of the event at this position; null where it has none. */
  chainAt(seq: number): string | null;
  /** The text of the first event; null when there is none. */
  firstEvent(): string | null;
  hasMark(mark: string): boolean;
  addMark(mark: string): void;
  hasBlob(hash: BlobHash): boolean;
  blob(hash: BlobHash): PackedBlob | null;
  /**
   * Keeps the calls, in order, in one durable transaction. Gives for each call the rows that were added, or why it was refused.
   * @throws what the engine throws; then no call was kept.
   */
  commit(calls: readonly PackedCall[], at: string): readonly (readonly EventRow[] | RunError)[];
}

const PAGE = 500;

export function tablesOf(db: Database): Tables {
  const sql = statementsOf(db);
  return {
    events: (from, types) => pages(db, sql, from, types),
    chainAt: (seq) => textOrNull(sql.chainAt.all(seq)[0]?.["chain"]),
    firstEvent: () => textOrNull(sql.firstEvent.all()[0]?.["json"]),
    hasMark: (mark) => sql.hasMarks && sql.hasMark().all(mark).length > 0,
    addMark: (mark) => transaction(db, () => sql.putMark().run(mark)),
    hasBlob: (hash) => sql.hasBlob.all(hash).length > 0,
    blob: (hash) => readBlobRow(sql, hash),
    commit: (calls, at) => transaction(db, () => calls.map((call) => keep(sql, call, at))),
  };
}

type Statements = ReturnType<typeof statementsOf>;

function statementsOf(db: Database) {
  const columns = db.prepare("pragma table_info(event)").all();
  // A run of an earlier version that is opened for reading has none.
  const chain = columns.some(({ name }) => name === "chain") ? "chain" : "null as chain";
  const hasMarks =
    db.prepare("select 1 from sqlite_master where type='table' and name='mark'").all().length > 0;
  return {
    chain,
    hasMarks,
    firstEvent: db.prepare("select json from event where seq = 0"),
    hasMark: onFirstUse(() => db.prepare("select 1 from mark where value = ?")),
    putMark: onFirstUse(() => db.prepare("insert or ignore into mark(value) values(?)")),
    chainAt: db.prepare(`select ${chain} from event where seq = ?`),
    lastRow: db.prepare(`select seq, ${chain} from event order by seq desc limit 1`),
    hasBlob: db.prepare("select 1 from blob where sha256 = ?"),
    blob: db.prepare("select bytes, codec from blob where sha256 = ?"),
    putEvent: onFirstUse(() =>
      db.prepare("insert into event(seq, at, type, json, chain) values(?, ?, ?, ?, ?)"),
    ),
    putBlob: db.prepare("insert or ignore into blob(sha256, bytes, codec) values(?, ?, ?)"),
  };
}

/** A database of an earlier version, which is only read, could not take the statement. */
function onFirstUse<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Reads a page of rows at a time, so that no read transaction stays open while the caller works on them. */
function* pages(
  db: Database,
  sql: Statements,
  from: number,
  types?: readonly RunEvent["type"][],
): Generator<EventRow, void, undefined> {
  const filter = types === undefined ? "" : `and type in (${types.map((type) => `'${type}'`).join()})`;
  const select = db.prepare(
    `select seq, at, json, ${sql.chain} from event where seq between ? and ? ${filter} order by seq limit ${PAGE}`,
  );
  const end = lastSeq(sql);
  let next = from;
  while (next <= end) {
    const page = select.all(next, end).map(eventRow);
    if (types === undefined) refuseGap(page, next);
    yield* page;
    next = page.length < PAGE ? end + 1 : (page.at(-1)?.seq ?? end) + 1;
  }
}

/** Positions have no holes, so the last one of a page tells of any. @throws RunError `run-corrupt`. */
function refuseGap(page: readonly EventRow[], first: number): void {
  if ((page.at(-1)?.seq ?? first - 1) === first + page.length - 1) return;
  const missing = page.findIndex(({ seq }, i) => seq !== first + i);
  throw damagedTableError(`event ${first + missing} is missing from the journal`);
}

/** The position of the last event; -1 when there is none. */
function lastSeq(sql: Statements): number {
  return Number(sql.lastRow.all()[0]?.["seq"] ?? -1);
}

function keep(sql: Statements, { events, blobs }: PackedCall, at: string): readonly EventRow[] | RunError {
  const given = new Set(blobs.map((blob) => blob.hash));
  const refused = refuseMissingBlobs(
    events.map(({ event }) => event),
    (hash) => given.has(hash) || sql.hasBlob.all(hash).length > 0,
  );
  if (refused !== null) return refused;
  for (const { hash, bytes, codec } of blobs) sql.putBlob.run(hash, bytes, codec);
  const last = sql.lastRow.all()[0];
  let seq = Number(last?.["seq"] ?? -1);
  let chain = textOrNull(last?.["chain"]);
  return events.map(({ event, json }) => {
    seq += 1;
    chain = chainHash(chain, { seq, at, json });
    sql.putEvent().run(seq, at, event.type, json, chain);
    const mark = seq === 0 ? makeMark(json) : null;
    if (mark !== null) sql.putMark().run(mark);
    return { seq, at, json, chain };
  });
}

function readBlobRow(sql: Statements, hash: BlobHash): PackedBlob | null {
  const row = sql.blob.all(hash)[0];
  if (row === undefined) return null;
  const { bytes, codec } = row;
  if (bytes instanceof Uint8Array && (codec === "raw" || codec === "deflate" || codec === "chunks"))
    return { hash, bytes, codec };
  throw damagedTableError(`blob ${hash} is stored in an unknown way`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function eventRow({ seq, at, json, chain }: Row): EventRow {
  if (typeof seq === "number" && typeof at === "string" && typeof json === "string")
    return { seq, at, json, chain: textOrNull(chain) };
  throw damagedTableError("the event table holds a row of another shape");
}

function damagedTableError(what: string): RunError {
  return new RunError("run-corrupt", `${what}. Restore run.db from a backup.`);
}
