// Owns: `stopped.txt` of a run directory: how to go on, for who could not read it when the session ended. The next session
// removes it.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "./mirrors/write-atomic.ts";

const NAME = "stopped.txt";

/** Writes the note, for people. */
export function leaveStopNote(dir: string, text: string): Promise<void> {
  return writeAtomic(join(dir, NAME), `${text}\n`);
}

export function removeStopNote(dir: string): void {
  rmSync(join(dir, NAME), { force: true });
}
