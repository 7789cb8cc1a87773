// Owns: reading events and blobs out of the tables. Never writes.
import { RunError } from "../../core/errors.ts";
import type { BlobHash, BlobReader, Journal, RunEvent } from "../../contracts/index.ts";
import { unpack } from "./blob-codec.ts";
import { chainCheck, type Link } from "./chain.ts";
import { decodeEvent } from "./event-json.ts";
import { storeError } from "../store-error.ts";
import type { Tables } from "./tables.ts";
import type { Truth } from "../mirrors/mirror.ts";

/** An event with its place, its time and its link to the one before. */
export interface TimedEvent {
  /** Position in the journal, from 0. */
  readonly seq: number;
  /** ISO time of the append. */
  readonly at: string;
  readonly event: RunEvent;
  /** Whether it follows from the event before it: see `chain.ts`. */
  readonly link: Link;
}

export interface JournalReader extends BlobReader, Pick<Journal, "read"> {
  readTimed(from: number): AsyncIterable<TimedEvent>;
}

export function truthOf(tables: Tables, dir: string): Truth {
  return {
    events: (from, types) => tables.events(from, types),
    chainAt: (seq) => tables.chainAt(seq),
    decode: ({ json, seq }) => decodeEvent(json, `${dir}, event ${seq}`),
    readBlob: (hash) => readBlob(tables, hash, dir),
  };
}

export function journalReader(truth: Truth, dir: string): JournalReader {
  async function* readTimed(from: number): AsyncGenerator<TimedEvent, void, undefined> {
    try {
      let linkOf: ReturnType<typeof chainCheck> | null = null;
      for (const row of truth.events(from)) {
        linkOf ??= chainCheck(truth.chainAt(row.seq - 1));
        yield { seq: row.seq, at: row.at, event: truth.decode(row), link: linkOf(row) };
      }
    } catch (thrown) {
      throw storeError(thrown, dir, "reading events");
    }
  }
  async function* read(from: number): AsyncGenerator<RunEvent, void, undefined> {
    for await (const { event } of readTimed(from)) yield event;
  }
  return { read, readTimed, readBlob: (hash) => truth.readBlob(hash) };
}

async function readBlob(tables: Tables, hash: BlobHash, dir: string): Promise<Uint8Array> {
  try {
    const packed = tables.blob(hash);
    if (packed !== null) return await unpack(packed, (chunk) => tables.blob(chunk));
  } catch (thrown) {
    throw storeError(thrown, dir, `reading blob ${hash}`);
  }
  throw new RunError("blob-missing", `${dir} holds no blob ${hash}. Was it taken from another run?`);
}
