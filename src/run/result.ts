// Owns: what a session amounts to, for scripts.
import type { RunTotals } from "../history/index.ts";

/** What a session of a run ended with: what the whole run came to, earlier sessions included. */
export interface RunResult extends RunTotals {
  /** The run directory, absolute. */
  readonly dir: string;
  /** Wall clock of this session. */
  readonly seconds: number;
}
