// Owns: histories of a run as it was, to go back to. Few enough to be held however long the run is: histories share what they
// have in common, and of a long run only moments at equal distances are kept. Pure but for its own list.
import type { History } from "../../core/run/history.ts";

/** Between half as many and as many as this are kept. */
const MOST = 1024;

export interface Moments {
  add(history: History): void;
  /** The latest one with at most so many events; the earliest where none has so few, undefined where there is none. */
  nearest(events: number): History | undefined;
  /** Numbers of events at which one is kept, in order. */
  kept(): readonly number[];
}

export function moments(): Moments {
  let every = 1;
  let list: History[] = [];
  return {
    add(history) {
      if (history.events % every !== 0) return;
      list.push(history);
      if (list.length <= MOST) return;
      every *= 2;
      list = list.filter(({ events }) => events % every === 0);
    },
    nearest(events) {
      let [low, high] = [0, list.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((list[middle]?.events ?? 0) <= events) low = middle + 1;
        else high = middle;
      }
      return list[Math.max(0, low - 1)];
    },
    kept: () => list.map(({ events }) => events),
  };
}
