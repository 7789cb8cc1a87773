// Owns: the contract of a mirror: what it may read and what it must do. Types only.
import type { BlobReader, RunEvent } from "../../contracts/index.ts";
import type { EventRow } from "../sqlite/tables.ts";

/** The durable journal, as a mirror sees it. */
export interface Truth extends BlobReader {
  events(from: number, types?: readonly RunEvent["type"][]): Iterable<EventRow>;
  /** The hash in the chain of the event at this position; null where it has none. */
  chainAt(seq: number): string | null;
  decode(row: EventRow): RunEvent;
}

/** Files that are a pure consequence of the journal. Losing or tearing one loses nothing. */
export interface Mirror {
  /** Brings the files up to date, in whatever state they were left. */
  repair(): Promise<void>;
  /** Adds the events of one append to files that were up to date. */
  follow(events: readonly EventRow[]): Promise<void>;
}
