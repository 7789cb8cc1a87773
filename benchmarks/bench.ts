// Owns: what a measurement is to the command line: its name, its flags, its work and its report.
import type { LanguageModel, RunEvent } from "../src/contracts/index.ts";
import type { RunHandle } from "../src/run/run-options.ts";

/** One `nbevolve bench <name>`. `Flags`: the values by the camel-case names of its flags. */
export interface Bench<Flags extends object = object> {
  readonly name: string;
  /** What is measured, as a sentence. */
  readonly description: string;
  readonly flags?: readonly BenchFlag[];
  /** Offers `--model` and its companions, with this default. */
  readonly defaultModel?: string;
  /** It keeps what it has when the signal is aborted. Any other is ended at once by Ctrl-C. */
  readonly canBeInterrupted?: true;
  /** @throws RunError `bad-option` for a value that means nothing. */
  run(flags: Flags, context: BenchContext): Promise<BenchResult>;
}

export interface BenchFlag {
  /** As commander writes it: `--generations <n>`. */
  readonly flag: string;
  /** What it says, with its unit, as a sentence. */
  readonly description: string;
  /** `count`: a whole number of 1 or more. `minutes`: a number above 0. */
  readonly value: "count" | "minutes" | "text";
  readonly default?: number | string;
}

export interface BenchContext {
  readonly signal: AbortSignal;
  /** One line for people while it goes on. */
  readonly progress: (line: string) => void;
  /** Shows people a run while it goes on. Resolves once the last of its events, which are read here, is shown. */
  readonly show: (handle: RunHandle, shown: ShownRun) => Promise<void>;
  /** The model that `--model` names. @throws RunError. */
  readonly model: () => Promise<LanguageModel>;
}

export interface ShownRun {
  /** Stands above what is shown. */
  readonly title: string;
  /** The run's events. */
  readonly events: AsyncIterable<RunEvent>;
}

export interface BenchResult {
  /** The figures, as `--json` prints them. */
  readonly figures: object;
  /** The same for people: tables in Markdown. */
  readonly report: string;
  /** What must hold did not: the exit code is 1. */
  readonly failed?: boolean;
}
