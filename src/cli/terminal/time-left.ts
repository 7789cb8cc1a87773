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
  /** Those of them that are gone since an episode ended. */
  readonly sinceEnd: number;
}

/**
 * Seconds until the first of the limits, if the session goes on as it went; null while there is nothing to reckon from: before
 * as many episodes have ended as are open, whoever is first says nothing of the others.
 */
export function secondsLeft(run: History, pace: SessionPace): number | null {
  const { before, budget, seconds } = pace;
  const isKnown = seconds > 0 && endedSince(run, before) >= Math.max(1, openEpisodes(run));
  const earlier = new Map(before && limitUses(before, budget, 0).map(({ limit, used }) => [limit, used]));
  const limits = limitUses(run, budget, seconds).map(({ limit, used, most }) => {
    if (limit === "stagnation") return Infinity; // the next episode may begin it anew
    if (limit === "seconds") return Math.max(0, most - seconds);
    const now = used - (earlier.get(limit) ?? 0);
    return isKnown && now > 0 ? (Math.max(0, most - used) * seconds) / now : Infinity;
  });
  const least = Math.min(isKnown ? untilLastEpisode(run, pace) : Infinity, ...limits);
  return least === Infinity ? null : least;
}

/** What is gone since an episode ended is gone of those that are open; those that are not begun have their time before them. */
function untilLastEpisode(run: History, { before, budget, seconds, sinceEnd }: SessionPace): number {
  const { ended, all } = episodesEnded(run, budget.proposals);
  const each = Math.max(0, seconds - sinceEnd) / endedSince(run, before);
  return Math.max((all - ended - openEpisodes(run)) * each, (all - ended) * each - sinceEnd, 0);
}

/** Without those that have ended and are not told yet. */
function openEpisodes({ open }: History): number {
  return open.count(({ outcome }) => outcome === null);
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
