// Owns: a run as its controller sees it: its history, and the population that its strategy made of it.
import type { RunEvent, Strategy } from "../../contracts/index.ts";
import { askStrategy } from "./ask-strategy.ts";
import type { EventTime, History } from "./history.ts";
import { beginHistory, extendHistory, noBeginning, outcomeOf } from "./reduce-history.ts";

export interface Run<P = unknown> extends History {
  readonly population: P;
}

/** The run after one more event; `timeMs` as for `reduceHistory`. @throws RunError `strategy-failed` | `run-corrupt`. */
export function reduce<P>(
  strategy: Strategy<P>,
  run: Run<P> | null,
  event: RunEvent,
  timeMs: EventTime = null,
): Run<P> {
  if (event.type === "run-started") {
    const population = askStrategy(strategy, "start", () => strategy.start(event.founder));
    return { ...beginHistory(event, timeMs), population };
  }
  if (run === null) throw noBeginning();
  if (event.type !== "proposal-told") return extendHistory(run, event, timeMs);
  const outcome = outcomeOf(run, event.proposal);
  const population = askStrategy(strategy, "tell", () => strategy.tell(run.population, outcome));
  return extendHistory({ ...run, population }, event, timeMs);
}
