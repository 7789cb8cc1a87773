// Owns: which blobs of a run a report holds, the most wanted first: a file has room for some. Pure.
import { lineage } from "../../core/run/branch.ts";
import type { History } from "../../core/run/history.ts";
import { proposalOf } from "../../core/run/proposal-of.ts";
import type { BlobHash, Branch, BranchId, ProposalId, RunEvent, Task } from "../../contracts/index.ts";

/** A part of what a report shows. What is left out is named by it. */
export interface WantedPart {
  /** In words, such as `b7` or `the other branches`. */
  readonly what: string;
  readonly hashes: readonly BlobHash[];
}

/** The blobs that show an episode turn by turn, in the order of its events. */
export function blobsOfTurns(event: RunEvent): readonly BlobHash[] {
  if (event.type === "turn-ended") return [event.request, event.reply].filter((hash) => hash !== undefined);
  if (event.type === "calls-ended") return [event.results];
  return event.type === "round-ended" ? [event.notebook] : [];
}

/** What each episode showed, by its proposal. */
export type Episodes = ReadonlyMap<ProposalId, readonly BlobHash[]>;

/** Adds what the event shows to its episode. */
export function addToEpisodes(episodes: Map<ProposalId, BlobHash[]>, event: RunEvent): void {
  const proposal = proposalOf(event);
  const hashes = proposal === null ? [] : blobsOfTurns(event);
  if (proposal === null || hashes.length === 0) return;
  const known = episodes.get(proposal);
  if (known === undefined) episodes.set(proposal, [...hashes]);
  else known.push(...hashes);
}

/** Nothing twice. Without `all`: the task, the path to the best branch, and the best of each niche and island. */
export function wantedParts(
  history: History,
  task: Task,
  episodes: Episodes,
  all: boolean,
): readonly WantedPart[] {
  const taken = new Set<BlobHash>();
  const part = (what: string, hashes: readonly BlobHash[]): WantedPart[] => {
    const fresh = [...new Set(hashes)].filter((hash) => !taken.has(hash));
    for (const hash of fresh) taken.add(hash);
    return fresh.length === 0 ? [] : [{ what, hashes: fresh }];
  };
  const path = withSecondParents(history, lineage(history, history.best.id));
  const elites = elitesOf(history, task);
  const parts = [
    ...part("the task", [history.task]),
    ...path.flatMap((branch) => part(`the notebook of ${branch.id}`, blobsOfBranch(branch))),
    ...elites.flatMap((branch) => part(`the notebook of ${branch.id}`, blobsOfBranch(branch))),
    ...path.flatMap(({ id, number }) => part(`the episode of ${id}`, episodes.get(`p${number}`) ?? [])),
  ];
  if (!all) return parts;
  for (const { outcome } of history.ended) {
    const { id } = outcome.proposal;
    const own = outcome.ok
      ? blobsOfBranch(outcome.branch)
      : outcome.failure.notebook === undefined
        ? []
        : [outcome.failure.notebook];
    parts.push(...part(`${id} whole`, [...own, ...(episodes.get(id) ?? [])]));
  }
  for (const id of history.open.keys()) parts.push(...part(`${id} so far`, episodes.get(id) ?? []));
  return parts;
}

function blobsOfBranch({ notebook, submission }: Branch): readonly BlobHash[] {
  return [notebook, submission];
}

/** The path, each branch followed by the other parents that it was made with. */
function withSecondParents({ branches }: History, path: readonly Branch[]): readonly Branch[] {
  const others = path.flatMap(({ parents }) => parents.slice(1).flatMap((id) => branches.get(id) ?? []));
  return [...new Set([...path, ...others])];
}

/** The best branch of each niche of the task's descriptors, and of each island; the best of them first. */
function elitesOf(history: History, { descriptors }: Task): readonly Branch[] {
  const best = new Map<string, Branch>();
  const keep = (key: string, branch: Branch): void => {
    const known = best.get(key);
    if (known === undefined || branch.score.fitness > known.score.fitness) best.set(key, branch);
  };
  const islands = new Map<BranchId, number>();
  for (const { outcome } of history.ended)
    if (outcome.ok) islands.set(outcome.branch.id, outcome.proposal.island);
  for (const [id, branch] of history.branches) {
    if (history.reproduced.get(id)?.survives === false) continue;
    keep(`island ${islands.get(id) ?? 0}`, branch);
    if (descriptors.length > 0) keep(nicheOf(branch, descriptors), branch);
  }
  return [...new Set(best.values())].toSorted((a, b) => b.score.fitness - a.score.fitness);
}

function nicheOf({ descriptor }: Branch, descriptors: Task["descriptors"]): string {
  const cells = descriptors.map(({ min, max, bins }, at) => {
    const share = ((descriptor[at] ?? min) - min) / (max - min || 1);
    return Math.min(bins - 1, Math.max(0, Math.floor(share * bins)));
  });
  return `niche ${cells.join(",")}`;
}
