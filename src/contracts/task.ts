// Owns: a problem whose answer a program can check. Types only.
import type { Json } from "./json.ts";
import type { CellId, Notebook } from "./notebook.ts";

/** Which way a score is better. */
export type Direction = "maximize" | "minimize";

/** Limits of a task on rounds, cells, tokens and its verifier. */
export interface Limits {
  /** Model turns in a round, the plan and the closing call included. */
  readonly turnsPerRound: number;
  readonly callsPerRound: number;
  readonly cellTimeoutMs: number;
  /** Wall-clock time of one round; the round is closed when it is used up. */
  readonly roundTimeoutMs: number;
  /** Input and output tokens of one episode. */
  readonly tokensPerEpisode: number;
  readonly verifierTimeoutMs: number;
  readonly verifierMemoryMb: number;
  /** Tokens the rendered notebook may take. */
  readonly contextTokens: number;
}

/** What only the user of a task can hand in. A task names it, and gets nothing by that. */
export interface TaskNeeds {
  /** Names of variables of the environment. */
  readonly env: readonly string[];
  /** Names of parameters, each with the path of a folder or file to read. */
  readonly read: readonly string[];
}

/** A behaviour coordinate for niches: a metric of the verifier and the range that is divided into bins. */
export interface DescriptorSpec {
  readonly metric: string;
  readonly min: number;
  readonly max: number;
  readonly bins: number;
}

/** Source of a Python module that defines `verify(submission)`. Never shown to the model. */
export interface VerifierSource {
  readonly source: string;
  /** The cell it came from, for messages. */
  readonly cell: string;
  /**
   * Which lines are of which of the task's cells, in order: those from `from` on are of the cell that messages call
   * `of`, from its own `line` on (both from 1). Absent: all are the verifier's.
   */
  readonly lines?: readonly { readonly from: number; readonly of: string; readonly line: number }[];
}

/** A problem whose answer a program can check, with the first notebook. */
export interface Task {
  readonly name: string;
  /** Markdown: what the model is asked to do. */
  readonly statement: string;
  readonly direction: Direction;
  /** A Python expression, evaluated in the kernel when a round ends. */
  readonly submission: string;
  /** The first notebook, without the verifier; its code cells have not been run. */
  readonly founder: Notebook;
  /** By cell id: what the author of the founder calls the cell, for messages: `cell 3 (setup, ...)`. */
  readonly places?: Readonly<Record<CellId, string>>;
  readonly verifier: VerifierSource;
  readonly holdout: VerifierSource | null;
  readonly limits: Limits;
  readonly descriptors: readonly DescriptorSpec[];
  /** The run stops once the score reaches this, in the task's own direction; null for none. */
  readonly target: number | null;
  /** Absent: nothing. */
  readonly needs?: TaskNeeds;
  /** Packages that cells or verifier import besides those that nbevolve brings: `pandas`, `scikit-learn>=1.5`. Absent: none. */
  readonly packages?: readonly string[];
  /** The best score that anybody is known to have reached, in the task's own direction. */
  readonly bestKnown?: number;
  /** Only a score that is better by more than this part of the best known one betters it. 0 to 0.1; default 1e-9. */
  readonly resolution?: number;
  /** Parameters after overriding. */
  readonly parameters: Readonly<Record<string, Json>>;
}
