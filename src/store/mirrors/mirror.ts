// Owns: what a mirror may look at, and what it must be able to do. Types only.
import type { BlobReader, RunEvent } from "../../contracts/index.ts";
import type { EventRow } from "../sqlite/tables.ts";

/** The durable journal, as a mirror sees it. */
export interface Truth extends BlobReader {
  events(from: number, types?: readonly RunEvent["type"][]): Iterable<EventRow>;
  decode(row: EventRow): RunEvent;
}

/** Files that are a pure consequence of the journal. Losing or tearing one loses nothing. */
export interface Mirror {
  /** Makes the files right, whatever state they were left in. */
  repair(): Promise<void>;
  /** After an append: the files were right before these events. */
  follow(events: readonly EventRow[]): Promise<void>;
}
