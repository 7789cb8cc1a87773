// Owns: how long a session may go on, reckoned from its own pace. Pure: it reads no clock.
import { endedSince, episodesEnded } from "../../core/run/counts.ts";
import type { History } from "../../core/run/history.ts";
import type { Budget } from "../../loop/budget.ts";
import { limitUses } from "../flags/run-limits.ts";

/** What the time left is reckoned from. */
export interface SessionPace {
  /** What earlier sessions left; null where there were none. */
  readonly before: History | null;
  readonly budget: Budget;
  /** Seconds of this session's work, on the monotonic clock. */
  readonly seconds: number;
}

/**
 * Seconds until the first of the limits, if the session goes on as it went; null while there is nothing to reckon from: before
 * as many episodes have ended as are open, whoever is first says nothing of the others.
 */
export function secondsLeft(run: History, { before, budget, seconds }: SessionPace): number | null {
  const ended = endedSince(run, before);
  const isKnown = seconds > 0 && ended > 0 && ended >= run.open.size;
  const left = (used: number, usedBefore: number, most: number): number =>
    used > usedBefore && isKnown ? (Math.max(0, most - used) * seconds) / (used - usedBefore) : Infinity;
  const { all } = episodesEnded(run, budget.proposals);
  const earlier = new Map(before && limitUses(before, budget, 0).map(({ limit, used }) => [limit, used]));
  const limits = limitUses(run, budget, seconds).map(({ limit, used, most }) => {
    if (limit === "stagnation") return Infinity; // the next episode may begin it anew
    return limit === "seconds" ? Math.max(0, most - seconds) : left(used, earlier.get(limit) ?? 0, most);
  });
  const least = Math.min(left(run.ended.size, before?.ended.size ?? 0, all), ...limits);
  return least === Infinity ? null : least;
}

/** Such as `about 3 min left`; `up to` where something else may end the session sooner. */
export function timeLeftText(seconds: number | null, { targetFitness, stagnation }: Budget): string {
  if (seconds === null) return "time left unknown";
  const about = targetFitness === null && stagnation == null ? "about" : "up to";
  if (seconds < 90) return `${about} ${Math.max(1, Math.ceil(seconds / 10)) * 10} s left`;
  const minutes = seconds / 60;
  return minutes < 90
    ? `${about} ${Math.round(minutes)} min left`
    : `${about} ${(minutes / 60).toFixed(1)} h left`;
}
