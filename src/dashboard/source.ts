// Owns: where the page's data comes from: one interface, kept by a server of live runs and by a report's own file.
import type {
  ActionAnswer,
  BlobHash,
  PageAction,
  PageInfo,
  SentBatch,
  SentEvent,
  SentStanding,
} from "../contracts/index.ts";

/** Where the page's data comes from. */
export interface Source {
  readonly info: PageInfo;
  /** The list of runs as it is now; a report gives what it holds. */
  refresh(): Promise<PageInfo>;
  /** @throws Error in words for an unknown run. */
  openRun(name: string): RunSource;
}

/** What a follower of a run is told. */
export interface Follower {
  readonly onBatch: (batch: SentBatch) => void;
  readonly onStanding: (standing: SentStanding) => void;
  /** Why nothing comes at the moment, in words; null once it comes again. */
  readonly onTrouble: (words: string | null) => void;
}

/** One run of a source. */
export interface RunSource {
  readonly name: string;
  /** Sends every event from the place `from` on, each once and in order, and those to come. The function ends it. */
  follow(from: number, follower: Follower): () => void;
  /** The events at the places from `from` up to, not including, `to`; of one proposal alone where it is named. */
  readEvents(from: number, to: number, proposal?: string): Promise<readonly PlacedEvent[]>;
  /** @throws BlobWithheld where a report does not hold it. */
  readBlob(hash: BlobHash): Promise<Uint8Array>;
  /** Null where nothing can be done to the run: it is a report. */
  readonly act: ((action: PageAction) => Promise<ActionAnswer>) | null;
}

/** An event and its place in the journal, from 0. */
export interface PlacedEvent {
  readonly seq: number;
  readonly sent: SentEvent;
}

/** A report leaves out what would make it too large; its message says so. */
export class BlobWithheld extends Error {}
