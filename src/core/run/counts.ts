// Owns: the counts of a run that people read: proposals as they are asked for and limited, and episodes as they end. Nothing
// counts beside the History.
import type { History } from "./history.ts";

/** Proposals of the strategy. What people inject comes on top of what was asked for. */
export function ownProposals({ proposals, injected }: Pick<History, "proposals" | "injected">): number {
  return proposals - injected;
}

/** How many of the episodes that the run comes to have ended. `asked`: proposals; more may have been made before. */
export function episodesEnded(run: History, asked: number): { readonly ended: number; readonly all: number } {
  return { ended: run.ended.size, all: Math.max(asked, ownProposals(run)) + run.injected };
}

/** Episodes that have ended since; `before` null: all. */
export function endedSince(run: History, before: History | null): number {
  return run.ended.size - (before?.ended.size ?? 0);
}
