// Owns: how the best score of a run went, episode by episode and in time. Pure: it also runs in a browser.
import { bestOf } from "../core/run/branch.ts";
import type { History } from "../core/run/history.ts";
import type { Branch, ProposalId } from "../contracts/index.ts";

/** The best of a run after one of its episodes. */
export interface ScorePoint {
  /** The proposal whose episode it was; null for the founder. */
  readonly proposal: ProposalId | null;
  /** Milliseconds since 1970 at which the episode ended; null when that is not known. */
  readonly timeMs: number | null;
  /** The best branch so far. */
  readonly best: Branch;
}

/**
 * The best so far after the founder and after each episode. `ended` (default): in the order of time. `proposed`: in the
 * order of the proposals, which does not depend on how long each of them took. Branches that reproduction has refuted
 * are left out.
 */
export function scoreCourse(history: History, order: "ended" | "proposed" = "ended"): readonly ScorePoint[] {
  const { founder, startedMs, reproduced } = history;
  const episodes = history.ended.toArray();
  if (order === "proposed") episodes.sort((a, b) => a.outcome.proposal.number - b.outcome.proposal.number);
  let best = founder;
  const points: ScorePoint[] = [{ proposal: null, timeMs: startedMs, best }];
  for (const { outcome, endedMs } of episodes) {
    if (outcome.ok) best = bestOf([best, outcome.branch], reproduced) ?? best;
    points.push({ proposal: outcome.proposal.id, timeMs: endedMs, best });
  }
  return points;
}
