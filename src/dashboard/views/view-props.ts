// Owns: what each view of a run is given.
import type { ReadonlySignal } from "@preact/signals";
import type { History } from "../../core/run/history.ts";
import type { Task } from "../../contracts/index.ts";
import type { RunData } from "../data/run-data.ts";

/** What each view is given. It reads its own options from the address. */
export interface ViewProps {
  readonly data: RunData;
  /** The history at the moment that the slider stands at: the latest one unless somebody went back. */
  readonly history: ReadonlySignal<History>;
  readonly task: Task;
}
