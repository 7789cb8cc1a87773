// Owns: which proposal an event is about. Pure.
import type { ProposalId, RunEvent } from "../../contracts/index.ts";

/** Null for an event of the whole run. */
export function proposalOf(event: RunEvent): ProposalId | null {
  if (event.type === "proposal-made") return event.proposal.id;
  if (event.type === "episode-ended") return event.outcome.proposal.id;
  return "proposal" in event ? event.proposal : null;
}
