// Owns: a run as it is known now, and the one way in which it grows: an event is durable before anything acts on it.
// Never decides what happens next.
import { reduce, type Run } from "../core/run/run.ts";
import type { EvolveParts, RecordEvent } from "./types.ts";

export interface Recorder<P> {
  /** With every event that was handed over, durable or not. */
  readonly run: Run<P>;
  /** Hands an event over; throws at once what the strategy throws. Resolves once the event is durable. */
  readonly write: RecordEvent;
  /** Resolves once everything that was handed over is durable. */
  settle(): Promise<void>;
}

/**
 * Reduces every event of the journal, or begins a new run. `fail` hears of a journal that could not be written.
 * @throws RunError.
 */
export async function openRecorder<P>(
  { strategy, journal, playFounder, observe }: EvolveParts<P>,
  fail: (error: unknown) => void,
): Promise<Recorder<P>> {
  let run: Run<P> | null = null;
  for await (const event of journal.read(0)) {
    run = reduce(strategy, run, event);
    observe?.(run, event, true);
  }
  if (run === null) {
    const { event, blobs } = await playFounder();
    await journal.append([event], blobs);
    run = reduce(strategy, null, event);
    observe?.(run, event, false);
  }
  let current = run;
  // The run is reduced when an event is handed to the journal, which keeps events in that order and many at once;
  // nothing acts on an event, and no observer sees it, before it is durable.
  let durable: Promise<void> = Promise.resolve();
  return {
    get run() {
      return current;
    },
    write(event, blobs) {
      const after = reduce(strategy, current, event);
      current = after;
      const kept = journal.append([event], blobs);
      kept.catch(fail);
      durable = durable.then(() => kept).then(() => observe?.(after, event, false));
      durable.catch(() => undefined); // thrown where it is awaited: by the writer, and at the end
      return durable;
    },
    settle: () => durable,
  };
}
