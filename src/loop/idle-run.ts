// Owns: a run in which nothing is ever run: when it is given up, and the error that says what to do.
import { RunError } from "../core/errors.ts";
import { nameOption, ownCommand } from "../core/shell-words.ts";
import type { History } from "../core/run/history.ts";

/** Episodes of a session without one cell that was run, after which no further one is begun. */
const MOST_IDLE = 3;

/** Looks at a session as it goes on, from what was known when it began. @throws RunError `model-idle`. */
export function watchIdleness(began: History): (run: History) => void {
  return (run) => {
    const told = run.told - began.told - (run.injected - began.injected);
    const replied = run.usage.outputTokens > began.usage.outputTokens;
    if (told < MOST_IDLE || !replied || run.cells > began.cells || run.bestAt > began.told) return;
    throw new RunError(
      "model-idle",
      `${told} episodes were played and not one cell was run: the model answers, but not in a form that can be carried out. ` +
        `${ownCommand("models", "check")} tries it and prints a profile for it; or take another model, or run with ${nameOption("--harness lean", 'harness: "lean"')}. ` +
        "Nothing is lost: resume the run to go on.",
    );
  };
}
