// Owns: what a list of runs says of one. Pure: it also runs in a browser.
import { bestKnownOf, ownScore } from "../core/run/goal.ts";
import type { History } from "../core/run/history.ts";
import { recordOf, stringOf } from "../core/untrusted.ts";
import type { ListedFacts, RunStanding, Task } from "../contracts/index.ts";

/** What a list says of a run that was read. */
export function listedFacts(history: History, task: Task, standing: RunStanding): ListedFacts {
  const { settings, seed, best, proposals, failures, usage, startedMs, latestMs } = history;
  return {
    standing,
    task: task.name,
    direction: task.direction,
    model: stringOf(settings["model"]),
    strategy: stringOf(recordOf(settings["strategy"])["name"]),
    best: ownScore(best.score),
    bestKnown: bestKnownOf(task)?.value ?? null,
    ...{ seed, proposals, failures, usage, startedMs, latestMs },
  };
}
