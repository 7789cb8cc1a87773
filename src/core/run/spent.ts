// Owns: what each branch cost in tokens and money, and what each model did. Pure. An unknown price is never made up.
import type { BranchId } from "../../contracts/index.ts";
import type { EndedEpisode, History } from "./history.ts";

/** What replies cost. */
export interface Spent {
  /** Episodes. */
  readonly episodes: number;
  /** Input and output. */
  readonly tokens: number;
  /** US dollars; null once a turn had no known price. */
  readonly costUsd: number | null;
}

const NOTHING: Spent = { episodes: 0, tokens: 0, costUsd: 0 };

/** By the branch that an episode left; the founder, and branches of notebooks that people injected, cost nothing. */
export function spentByBranch({ ended }: Pick<History, "ended">): ReadonlyMap<BranchId, Spent> {
  return new Map(
    ended.toArray().flatMap((episode): readonly (readonly [BranchId, Spent])[] => {
      const { outcome } = episode;
      return outcome.ok ? [[outcome.branch.id, addEpisode(NOTHING, episode)]] : [];
    }),
  );
}

/**
 * By the model that a proposal was given to, failed episodes included; "" where a run has one model. With the branches that came
 * of it, this says what a model is worth.
 */
export function spentByModel({ ended }: Pick<History, "ended">): ReadonlyMap<string, Spent> {
  const spent = new Map<string, Spent>();
  for (const episode of ended) {
    const { model = "" } = episode.outcome.proposal;
    spent.set(model, addEpisode(spent.get(model) ?? NOTHING, episode));
  }
  return spent;
}

function addEpisode(sum: Spent, { tokens, costUsd }: EndedEpisode): Spent {
  return {
    episodes: sum.episodes + 1,
    tokens: sum.tokens + tokens,
    costUsd: sum.costUsd === null || costUsd === null ? null : sum.costUsd + costUsd,
  };
}
