// Owns: of which type each event of a run is, in one byte each, so that a filter need not load them. Pure but for its own list.
import { EVENT_TYPES } from "../../core/run/event-types.ts";
import type { RunEvent } from "../../contracts/index.ts";

export type EventType = RunEvent["type"];

export const TYPE_NAMES = Object.keys(EVENT_TYPES) as readonly EventType[];

export interface EventIndex {
  add(type: EventType): void;
  readonly size: number;
  /** Places of the events of these types among the first `size`, in order. */
  placesOf(types: ReadonlySet<EventType>, size: number): readonly number[];
  countOf(type: EventType): number;
}

export function eventIndex(): EventIndex {
  let codes = new Uint8Array(1024);
  const counts = new Map<EventType, number>();
  let size = 0;
  return {
    add(type) {
      if (size === codes.length) {
        const larger = new Uint8Array(2 * size);
        larger.set(codes);
        codes = larger;
      }
      codes[size] = TYPE_NAMES.indexOf(type);
      counts.set(type, (counts.get(type) ?? 0) + 1);
      size += 1;
    },
    get size() {
      return size;
    },
    placesOf(types, most) {
      const isWanted = TYPE_NAMES.map((name) => types.has(name));
      const places: number[] = [];
      for (let place = 0; place < Math.min(size, most); place += 1)
        if (isWanted[codes[place] ?? -1] === true) places.push(place);
      return places;
    },
    countOf: (type) => counts.get(type) ?? 0,
  };
}
