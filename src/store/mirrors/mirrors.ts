// Owns: the readable files beside run.db, as one: journal.jsonl, branches/ and best.ipynb. They follow from the
// journal alone; when one cannot be written, the journal is already safe.
import { join } from "node:path";
import { branchMirror } from "./branch-mirror.ts";
import { journalMirror } from "./journal-mirror.ts";
import { storeError } from "../store-error.ts";
import type { EventRow } from "../sqlite/tables.ts";
import type { Mirror, Truth } from "./mirror.ts";

export interface Mirrors extends Mirror {
  /** Whether a write has failed since the files were last up to date. */
  readonly areBehind: boolean;
}

/** All mirrors of a run directory. @throws RunError `disk-full` | `journal-unwritable` from `repair` and `follow`. */
export function mirrorsOf(dir: string, truth: Truth): Mirrors {
  const mirrors = [journalMirror(join(dir, "journal.jsonl"), truth), branchMirror(dir, truth)];
  let areBehind = true;

  async function each(act: (mirror: Mirror) => Promise<void>): Promise<void> {
    areBehind = true;
    try {
      for (const mirror of mirrors) await act(mirror);
    } catch (thrown) {
      throw storeError(thrown, dir, "writing its readable copies");
    }
    areBehind = false;
  }

  return {
    get areBehind() {
      return areBehind;
    },
    repair: () => each((mirror) => mirror.repair()),
    follow: (events: readonly EventRow[]) => each((mirror) => mirror.follow(events)),
  };
}
