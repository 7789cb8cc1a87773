// Owns: the watch over the event loop of each test file: a test in which one turn took long says so in its report.
import { afterEach, beforeEach } from "vitest";
import { LoopWatch, type LoopMoment } from "./loop-watch.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Milliseconds for which code held the event loop at a time, where they are many. */
    heldMs?: number;
  }
}

const MOST_HELD_MS = 200;
const LOOK_EVERY_MS = 20;

// As they are before a test puts clocks of its own in their place.
const readClock = performance.now.bind(performance);
const watches = new Map<string, LoopWatch>();

setInterval(() => {
  const now = lookNow();
  for (const watch of watches.values()) watch.turn(now);
}, LOOK_EVERY_MS).unref();

function lookNow(): LoopMoment {
  const { user, system } = process.cpuUsage();
  return { atMs: readClock(), processorMs: (user + system) / 1000 };
}

beforeEach(({ task }) => {
  watches.set(task.id, new LoopWatch(lookNow()));
});

afterEach(({ task }) => {
  const heldMs = watches.get(task.id)?.end(lookNow()) ?? 0;
  watches.delete(task.id);
  if (heldMs > MOST_HELD_MS) task.meta.heldMs = Math.round(heldMs);
});
