// Owns: every SQL statement on events and blobs. Never compresses, decodes or mirrors.
import { RunError } from "../core/errors.ts";
import type { BlobHash, RunEvent } from "../spec/index.ts";
import type { PackedBlob } from "./blob-codec.ts";
import { missingBlob } from "./missing-blob.ts";
import { type Database, type Row, transaction } from "./sqlite.ts";

/** An event as it lies in the table. */
export interface EventRow {
  /** Position in the journal, from 0, without holes. */
  readonly seq: number;
  /** ISO time of the append. */
  readonly at: string;
  readonly json: string;
}

export interface NewEvent {
  /** The blobs that it names must be in `blobs` of the same call, or stored already. */
  readonly event: RunEvent;
  readonly json: string;
}

/** One `append`: all of it is kept, or nothing. */
export interface Call {
  readonly events: readonly NewEvent[];
  readonly blobs: readonly PackedBlob[];
}

export interface Tables {
  /** In order, from position `from`. A page at a time: what is appended meanwhile may come too. */
  events(from: number, types?: readonly RunEvent["type"][]): Generator<EventRow, void, undefined>;
  hasBlob(hash: BlobHash): boolean;
  blob(hash: BlobHash): PackedBlob | null;
  /**
   * All calls in one durable transaction, in order; for each what was kept of it, or why it was refused.
   * @throws what the engine throws: then nothing of any call was kept.
   */
  commit(calls: readonly Call[], at: string): readonly (readonly EventRow[] | RunError)[];
}

const PAGE = 500;

export function tablesOf(db: Database): Tables {
  const hasBlob = blobFinder(db);
  const write = writer(db, hasBlob);
  return {
    events: (from, types) => pages(db, from, types),
    hasBlob,
    blob: (hash) => readBlobRow(db, hash),
    commit: (calls, at) => transaction(db, () => calls.map((call) => write(call, at))),
  };
}

function* pages(
  db: Database,
  from: number,
  types?: readonly RunEvent["type"][],
): Generator<EventRow, void, undefined> {
  const filter = types === undefined ? "" : `and type in (${types.map((type) => `'${type}'`).join()})`;
  const select = db.prepare(
    `select seq, at, json from event where seq >= ? ${filter} order by seq limit ${PAGE}`,
  );
  let next = from;
  for (;;) {
    const page = select.all(next).map(eventRow);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    next = last.seq + 1;
  }
}

function blobFinder(db: Database): (hash: BlobHash) => boolean {
  const find = db.prepare("select 1 from blob where sha256 = ?");
  return (hash) => find.all(hash).length > 0;
}

function readBlobRow(db: Database, hash: BlobHash): PackedBlob | null {
  const row = db.prepare("select bytes, codec from blob where sha256 = ?").all(hash)[0];
  if (row === undefined) return null;
  const { bytes, codec } = row;
  if (!(bytes instanceof Uint8Array) || (codec !== "raw" && codec !== "deflate"))
    throw new RunError(
      "run-corrupt",
      `blob ${hash} is stored in an unknown way. Restore run.db from a backup.`,
    );
  return { hash, bytes, codec };
}

function writer(db: Database, hasBlob: (hash: BlobHash) => boolean) {
  const last = db.prepare("select coalesce(max(seq), -1) as seq from event");
  const putEvent = db.prepare("insert into event(seq, at, type, json) values(?, ?, ?, ?)");
  const putBlob = db.prepare("insert or ignore into blob(sha256, bytes, codec) values(?, ?, ?)");
  return ({ events, blobs }: Call, at: string): readonly EventRow[] | RunError => {
    const given = new Set(blobs.map((blob) => blob.hash));
    const refused = missingBlob(
      events.map(({ event }) => event),
      (hash) => given.has(hash) || hasBlob(hash),
    );
    if (refused !== null) return refused;
    for (const { hash, bytes, codec } of blobs) putBlob.run(hash, bytes, codec);
    const first = Number(last.all()[0]?.["seq"]) + 1;
    return events.map(({ event, json }, i) => {
      putEvent.run(first + i, at, event.type, json);
      return { seq: first + i, at, json };
    });
  };
}

function eventRow(row: Row): EventRow {
  const { seq, at, json } = row;
  if (typeof seq === "number" && typeof at === "string" && typeof json === "string") return { seq, at, json };
  throw new RunError(
    "run-corrupt",
    "the event table holds a row of another shape. Restore run.db from a backup.",
  );
}
