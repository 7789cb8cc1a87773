// Owns: events of a run as they are needed: in pages, the latest looked at kept, the rest forgotten.
import type { PlacedEvent, RunSource } from "../source.ts";

const PAGE = 256;
const MOST_PAGES = 80;

export interface EventPages {
  /** The event at the place; undefined while it is read: then `changed` is called once it is there. */
  at(place: number): PlacedEvent | undefined;
  /** Those that are held, in no order. */
  held(): Iterable<PlacedEvent>;
  /** Reads the page of this place, and resolves when it is there. */
  load(place: number): Promise<void>;
  isHeld(place: number): boolean;
}

/** `total`: how many events there are at the moment. */
export function eventPages(
  source: Pick<RunSource, "readEvents">,
  total: () => number,
  changed: (problem: string | null) => void,
): EventPages {
  /** A page that was not full when it was read is read again. */
  const pages = new Map<number, readonly PlacedEvent[]>();
  const reading = new Map<number, Promise<void>>();
  function load(place: number): Promise<void> {
    const number = Math.floor(place / PAGE);
    const read = reading.get(number) ?? readPage(number).finally(() => reading.delete(number));
    reading.set(number, read);
    return read;
  }
  async function readPage(number: number): Promise<void> {
    try {
      const read = await source.readEvents(number * PAGE, Math.min(total(), (number + 1) * PAGE));
      pages.delete(number);
      pages.set(number, read);
      for (const oldest of pages.keys()) {
        if (pages.size <= MOST_PAGES) break;
        pages.delete(oldest);
      }
      changed(null);
    } catch (problem) {
      changed(problem instanceof Error ? problem.message : String(problem));
    }
  }
  const find = (place: number): PlacedEvent | undefined =>
    pages.get(Math.floor(place / PAGE))?.[place % PAGE];
  return {
    at(place) {
      const found = find(place);
      if (found === undefined && place < total()) void load(place);
      return found;
    },
    *held() {
      for (const page of pages.values()) yield* page;
    },
    load,
    isHeld: (place) => find(place) !== undefined,
  };
}
