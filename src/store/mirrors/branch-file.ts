// Owns: which events bring a branch, and which branch ids may become file names.
import type { Branch, BranchId, RunEvent } from "../../contracts/index.ts";

/** The id, when it is safe as a file name on any system. @throws TypeError otherwise. */
export function checkBranchId(id: BranchId): BranchId {
  if (/^[A-Za-z0-9_-]+$/.test(id)) return id;
  throw new TypeError(
    `${JSON.stringify(id)} cannot name a branch: only letters, digits, "_" and "-" are safe in a file name`,
  );
}

/** The scored branch that an event brings, or null. */
export function branchOf(event: RunEvent): Branch | null {
  if (event.type === "run-started") return event.founder;
  return event.type === "episode-ended" && event.outcome.ok ? event.outcome.branch : null;
}
