// Owns: a journal without a disk, for tests. Keeps the contract of the real one, JSON round trip included.
import { RunError } from "../core/errors.ts";
import { refuseMissingBlobs } from "../core/run/blobs-of.ts";
import type { Blob, BlobHash, BlobReader, Journal, RunEvent } from "../contracts/index.ts";
import { checkBlob } from "../store/sqlite/blob-codec.ts";
import { decodeEvent, encodeEvent } from "../store/sqlite/event-json.ts";

export interface MemoryJournal extends Journal, BlobReader {
  /** All that was kept, in order. */
  readonly events: readonly RunEvent[];
  /**
   * Simulates a crash: an append that would leave more than `count` events throws and keeps nothing.
   * `Infinity` mends it, so that the same journal can be resumed.
   */
  failAfter(count: number): void;
}

/** An empty journal. */
export function memoryJournal(): MemoryJournal {
  let lines: readonly string[] = [];
  let most = Infinity;
  const blobs = new Map<BlobHash, Uint8Array>();
  const at = (seq: number): RunEvent => decodeEvent(lines[seq] ?? "", `memory, event ${seq}`);

  function keep(events: readonly RunEvent[], given: readonly Blob[]): void {
    given.forEach(checkBlob);
    const added = events.map(encodeEvent);
    const hashes = new Set(given.map(({ hash }) => hash));
    const refused = refuseMissingBlobs(events, (hash) => hashes.has(hash) || blobs.has(hash));
    if (refused !== null) throw refused;
    if (lines.length + added.length > most)
      throw new RunError("journal-unwritable", `the simulated crash after ${most} events`);
    for (const { hash, bytes } of given) blobs.set(hash, Uint8Array.from(bytes));
    lines = [...lines, ...added];
  }

  return {
    get events() {
      return lines.map((_, seq) => at(seq));
    },
    failAfter(count) {
      most = count;
    },
    async *read(from) {
      const end = lines.length;
      for (let seq = from; seq < end; seq++) yield at(seq);
    },
    append: async (events, given = []) => keep(events, given),
    async readBlob(hash) {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new RunError("blob-missing", `no blob ${hash} was appended`);
      return Uint8Array.from(bytes);
    },
  };
}
