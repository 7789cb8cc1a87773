// Owns: what the page is sent: by the server of a live run as JSON, by a report from inside its own file. Types only.
import type { Direction } from "./task.ts";
import type { RunEvent } from "./journal.ts";
import type { Usage } from "./model.ts";

/** `live`: a process is at work on the run. `finished`: it ended. `interrupted`: neither; a resume goes on with it. */
export type RunStanding = "live" | "finished" | "interrupted";

/** A run in the list of those that the page can open. Scores are in the task's own direction. */
export interface ListedRun {
  /** What it is called in addresses: its folder's name. */
  readonly name: string;
  /** Why it cannot be read, in words; null when it can, or was not read yet. */
  readonly problem: string | null;
  /** Null while it was not read. */
  readonly facts: ListedFacts | null;
}

/** What a list says of a run without opening it. */
export interface ListedFacts {
  readonly standing: RunStanding;
  readonly task: string;
  readonly direction: Direction;
  readonly model: string;
  readonly strategy: string;
  readonly seed: number;
  readonly best: number;
  /** The best known score of the problem; null where the task says none. */
  readonly bestKnown: number | null;
  readonly proposals: number;
  readonly failures: number;
  readonly usage: Usage;
  /** Milliseconds since 1970; null when not known. */
  readonly startedMs: number | null;
  readonly latestMs: number | null;
}

/** What the page begins with. */
export interface PageInfo {
  readonly version: 1;
  /** The version of nbevolve that wrote it. */
  readonly release: string;
  /** The folder of runs, or the run's own, as a title. */
  readonly title: string;
  /** A report holds one moment of a run and can do nothing to it. */
  readonly kind: "server" | "report";
  readonly runs: readonly ListedRun[];
}

/** One event with the time at which it was appended: milliseconds since 1970, or null when that is not known. */
export type SentEvent = readonly [timeMs: number | null, event: RunEvent];

/** Events in the order of the journal, without a gap. */
export interface SentBatch {
  /** Place of the first one in the journal, from 0. */
  readonly from: number;
  readonly events: readonly SentEvent[];
  /** How many events the journal held when this was sent. */
  readonly total: number;
}

/** What is true of a run now and is not in its journal. */
export interface SentStanding {
  /** Whether a process is at work on it; where none is, the journal says whether it ended. */
  readonly standing: RunStanding;
  /** People's commands that wait to be carried out. */
  readonly waiting: number;
  /** Calls of tools that wait for a person's word; only the process of the run knows them. */
  readonly asked: readonly AskedCall[];
}

/** A call that waits for a person's word. */
export interface AskedCall {
  readonly id: string;
  readonly proposal: string;
  readonly tool: string;
  /** What the call would do, as text. */
  readonly text: string;
}

/** What a person does on the page. `unpause`: go on after a pause. */
export type PageAction =
  | {
      readonly do: "steer";
      readonly note: string;
      readonly branch: string | null;
      readonly proposals: number;
    }
  /** `notebook`: the text of an `.ipynb` file. */
  | { readonly do: "inject"; readonly notebook: string }
  | { readonly do: "pause" | "unpause" | "stop" }
  | { readonly do: "answer"; readonly id: string; readonly allow: boolean; readonly reason: string };

/** What became of an action, in words for the person. */
export interface ActionAnswer {
  readonly ok: boolean;
  readonly text: string;
}
