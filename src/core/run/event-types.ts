// Owns: the types of a run's events, as a value. Pure.
import type { RunEvent } from "../../contracts/index.ts";

/** Every type that there is: a new event is refused here until it is named. */
export const EVENT_TYPES: Readonly<Record<RunEvent["type"], true>> = {
  "run-started": true,
  "proposal-made": true,
  "kernel-restored": true,
  "turn-ended": true,
  "call-decided": true,
  "calls-ended": true,
  "round-ended": true,
  "episode-ended": true,
  "proposal-told": true,
  "branch-reproduced": true,
  "run-stopped": true,
  steered: true,
  paused: true,
  unpaused: true,
};
