// Owns: a run as the page holds it: its history as it grows, moments to go back to, and blobs that were read. The terminal's
// own reducer makes the history. Never draws.
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { reduceHistory } from "../../core/run/reduce-history.ts";
import type { History } from "../../core/run/history.ts";
import type { BlobHash, SentBatch, SentStanding } from "../../contracts/index.ts";
import type { PlacedEvent, RunSource } from "../source.ts";
import { eventIndex, type EventIndex } from "./event-index.ts";
import { moments, type Moments } from "./moments.ts";
import { proposalOf } from "../../core/run/proposal-of.ts";

/** Blobs that stay in memory once read, so that going back and forth is quick. */
const MOST_BLOBS = 60;

/** A run as the page holds it. */
export interface RunData {
  readonly source: RunSource;
  /** Everything read so far; null before the first event. */
  readonly latest: ReadonlySignal<History | null>;
  /** Events that the journal is known to hold: `latest` is behind while they are read. */
  readonly total: ReadonlySignal<number>;
  readonly standing: ReadonlySignal<SentStanding | null>;
  readonly trouble: ReadonlySignal<string | null>;
  /** What is wrong with the journal itself: it is read no further. */
  readonly fault: ReadonlySignal<string | null>;
  /** Earlier histories of the run, by the number of their events. */
  readonly moments: Moments;
  /** The type of each event. */
  readonly types: EventIndex;
  /** The events of one proposal, in order, as far as they are read. */
  readProposal(id: string): Promise<readonly PlacedEvent[]>;
  readJson<T>(hash: BlobHash): Promise<T>;
  readBlob(hash: BlobHash): Promise<Uint8Array>;
  close(): void;
}

/** Begins to read the run, and goes on until it is closed. */
export function openRunData(source: RunSource): RunData {
  const latest = signal<History | null>(null);
  const total = signal(0);
  const standing = signal<SentStanding | null>(null);
  const trouble = signal<string | null>(null);
  const fault = signal<string | null>(null);
  const past = moments();
  const types = eventIndex();
  const spans = new Map<string, { first: number; last: number }>();
  const blobs = new Map<BlobHash, Promise<Uint8Array>>();

  function take(batch: SentBatch): void {
    let history = latest.peek();
    if (fault.peek() !== null) return;
    try {
      for (const [at, [timeMs, event]] of batch.events.entries()) {
        const seq = batch.from + at;
        if (seq < (history?.events ?? 0)) continue;
        if (seq > (history?.events ?? 0)) throw new Error(`event ${history?.events ?? 0} was not sent`);
        history = reduceHistory(history, event, timeMs);
        past.add(history);
        types.add(event.type);
        const proposal = proposalOf(event);
        if (proposal !== null) {
          const span = spans.get(proposal);
          if (span === undefined) spans.set(proposal, { first: seq, last: seq });
          else span.last = seq;
        }
      }
    } catch (problem) {
      fault.value = problem instanceof Error ? problem.message : String(problem);
    }
    latest.value = history;
    total.value = Math.max(batch.total, history?.events ?? 0);
  }

  const end = source.follow(0, {
    onBatch: take,
    onStanding: (now) => (standing.value = now),
    onTrouble: (words) => (trouble.value = words),
  });

  function readBlob(hash: BlobHash): Promise<Uint8Array> {
    const known = blobs.get(hash);
    const reading = known ?? source.readBlob(hash);
    blobs.delete(hash);
    blobs.set(hash, reading);
    if (known === undefined) reading.catch(() => blobs.delete(hash));
    const [oldest] = blobs.keys();
    if (blobs.size > MOST_BLOBS && oldest !== undefined) blobs.delete(oldest);
    return reading;
  }

  return {
    source,
    ...{ latest, total, standing, trouble, fault, readBlob },
    moments: past,
    types,
    async readProposal(id) {
      const span = spans.get(id);
      return span === undefined ? [] : source.readEvents(span.first, span.last + 1, id);
    },
    async readJson<T>(hash: BlobHash): Promise<T> {
      const value: T = JSON.parse(new TextDecoder().decode(await readBlob(hash)));
      return value;
    },
    close: end,
  };
}

/** The history at a moment: the latest where `at` is null. */
export function historyAt(data: RunData, at: ReadonlySignal<number | null>): ReadonlySignal<History | null> {
  return computed(() => {
    const latest = data.latest.value;
    return at.value === null ? latest : (data.moments.nearest(at.value) ?? latest);
  });
}
