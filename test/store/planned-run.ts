// Owns: a run without end whose every event is a function of its position, so that any part can be checked.
import {
  episodeEnded,
  runStarted,
  type Sample,
  turnEnded,
} from "../../src/testing/conformance/journal-samples.ts";

/** What is appended as event `seq`: first `run-started`, then turns, with a branch at every fifth. */
export function planned(seq: number): Sample {
  if (seq === 0) return runStarted(0);
  return seq % 5 === 0 ? episodeEnded(seq, fitnessAt(seq)) : turnEnded(seq, 1, reply(seq));
}

/** Rises and falls, and ties now and then. */
export function fitnessAt(seq: number): number {
  return (seq * 7) % 64;
}

/** Of a length that is another one each time, up to 6,000 characters. */
function reply(seq: number): string {
  let text = "";
  for (let i = seq; text.length < (seq * 997) % 6000; i += 13) text += `${(i * 2654435761) % 4294967296} `;
  return `reply ${seq}: ${text}`;
}
