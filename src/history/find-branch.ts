// Owns: finding branches of a history by name or in order. Pure: it also runs in a browser.
import { RunError } from "../core/errors.ts";
import type { History } from "../core/run/history.ts";
import type { Branch } from "../contracts/index.ts";

/** Known ids that an error lists. */
const MOST_IDS = 100;

/** All branches in the order scored, the founder first. */
export function branchesInOrder({ founder, ended }: History): readonly Branch[] {
  return [founder, ...ended.toArray().flatMap(({ outcome }) => (outcome.ok ? [outcome.branch] : []))];
}

/**
 * The branch of this id; the best for `best` or undefined. `name`: the run, for the message.
 * @throws RunError `bad-option` for an unknown id, with those that are known.
 */
export function findBranch(history: History, id: string | undefined, name: string): Branch {
  const branch = id === undefined || id === "best" ? history.best : history.branches.get(id);
  if (branch !== undefined) return branch;
  const ids = [...history.branches.values()].toSorted((a, b) => a.number - b.number).map((one) => one.id);
  const more = ids.length > MOST_IDS ? ` and ${ids.length - MOST_IDS} more` : "";
  const known = `${ids.slice(0, MOST_IDS).join(", ")}${more}`;
  throw new RunError("bad-option", `${name} has no branch ${id}; it has ${known}`);
}
