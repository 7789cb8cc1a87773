// Owns: how what is wrong with a task is worded: every problem at once.
import { RunError } from "../core/errors.ts";

/** A value and what is wrong with what it was made from; a sentence each: the place, the reason, the remedy. */
export interface Checked<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

/** All problems of a task in one error. */
export function badTask(name: string, problems: readonly string[]): RunError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new RunError("bad-task", [`the task "${name}" is unusable: ${count}`, ...problems].join("\n  - "));
}
