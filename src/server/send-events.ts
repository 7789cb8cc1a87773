// Owns: a run's events as they are sent: those that the journal has, in batches, then each within moments of being durable.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { liveSession, readWaitingCommands, type RunStore } from "../store/index.ts";
import type { RunStanding, SentEvent, SentStanding } from "../contracts/index.ts";

/** A batch is shown in one step: more would hold up the page. */
const MOST_EVENTS = 500;
const MOST_CHARACTERS = 256 * 1024;
/** Milliseconds between two looks at the journal: one query by the key, whoever writes it. */
const LOOK_MS = 50;
/** Between two looks at what is not in the journal. */
const STANDING_MS = 1_000;
/** Between two signs of life where nothing happens, so that nobody on the way takes the connection for dead. */
const ALIVE_MS = 15_000;

/** Where it is sent. Each resolves once there is room for more. */
export interface EventSink {
  readonly batch: (batch: WrittenBatch) => Promise<void>;
  readonly standing: (standing: SentStanding) => Promise<void>;
  readonly alive: () => Promise<void>;
}

/** Sends until the signal is aborted. @throws RunError where the run cannot be read any more. */
export async function sendEvents(
  store: RunStore,
  from: number,
  sink: EventSink,
  signal: AbortSignal,
): Promise<void> {
  let next = from;
  let said = "";
  let [lookedMs, saidMs] = [-Infinity, performance.now()];
  while (!signal.aborted) {
    const before = next;
    for await (const batch of batchesOf(store, next)) {
      if (signal.aborted) return;
      await sink.batch(batch);
      next = batch.next;
    }
    const now = performance.now();
    if (now - lookedMs >= STANDING_MS || next > before) {
      lookedMs = now;
      const standing = await standingOf(store);
      const text = JSON.stringify(standing);
      if (text !== said) await sink.standing(standing);
      if (text !== said || next > before) saidMs = now;
      said = text;
    }
    if (now - saidMs >= ALIVE_MS) {
      saidMs = now;
      await sink.alive();
    }
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined); // an abort ends the loop
  }
}

/** A batch as JSON, a `SentBatch`, and the place behind its last event. */
export interface WrittenBatch {
  readonly text: string;
  readonly next: number;
}

/** The events that are there now, from a place on; each is written once. */
async function* batchesOf(store: RunStore, from: number): AsyncGenerator<WrittenBatch, void, undefined> {
  let events: string[] = [];
  let characters = 0;
  let first = from;
  const write = (): WrittenBatch => {
    const next = first + events.length;
    const text = `{"from":${first},"events":[${events.join(",")}],"total":${next}}`;
    first = next;
    [events, characters] = [[], 0];
    return { text, next };
  };
  for await (const { event, at } of store.readTimed(from)) {
    const sent: SentEvent = [Date.parse(at), event];
    const text = JSON.stringify(sent);
    events.push(text);
    characters += text.length;
    if (events.length >= MOST_EVENTS || characters >= MOST_CHARACTERS) yield write();
  }
  if (events.length > 0) yield write();
}

/** Whether it ended, the journal says. */
async function standingOf({ dir }: RunStore): Promise<SentStanding> {
  const isLive = (await liveSession(dir)) !== null;
  const standing: RunStanding = isLive ? "live" : "interrupted";
  return { standing, waiting: (await readWaitingCommands(dir)).length, asked: [] };
}
