// Owns: the present moment, once a second, for what goes on while no event comes. It never goes back.
import { signal } from "@preact/signals";

const seconds = signal(0);
setInterval(() => (seconds.value += 1), 1000);

/** Milliseconds since 1970. What is drawn with it is drawn again each second. */
export function nowMs(): number {
  return seconds.value < 0 ? 0 : performance.timeOrigin + performance.now();
}
