// Owns: a run directory read at once into plain values: what `show --json`, reports and scripts begin with. Only reads.
import { checkValue, OPTION } from "../core/options.ts";
import { bestKnownFacts, ownScore, targetOf, type GoalStanding } from "../core/run/goal.ts";
import type { History } from "../core/run/history.ts";
import { recordOf, stringOf } from "../core/untrusted.ts";
import type {
  BlobReader,
  Failure,
  JsonObject,
  Proposal,
  ProposalId,
  RunStanding,
  Task,
} from "../contracts/index.ts";
import { liveSession, openRunStore } from "../store/index.ts";
import { branchesInOrder } from "./find-branch.ts";
import { readHistory } from "./read-history.ts";
import { runBest, runBranch, type RunBranch } from "./run-branch.ts";
import { totalsOf, type RunTotals } from "./run-totals.ts";

/** What a run is to solve, without its notebook and its verifier. */
export type RunTask = Pick<Task, "name" | "direction" | "statement" | "parameters">;

/** An episode that ended without a branch. */
export interface FailedEpisode extends Failure {
  readonly proposal: ProposalId;
  readonly operator: string;
}

/** A run as its directory holds it. All but the functions of its branches is JSON. */
export interface RunRecord extends RunTotals {
  /** Absolute. */
  readonly dir: string;
  /**
   * `live`: a process is at work on it now. `finished`: it ended, and `stopped` says why. `interrupted`: neither; a resume goes
   * on with it.
   */
  readonly state: RunStanding;
  readonly task: RunTask;
  /** The score at which the run stops, in the task's own direction; null for none. */
  readonly target: number | null;
  /** How the best score stands to the best known one; null where the task says none. */
  readonly bestKnown: ({ readonly score: number } & GoalStanding) | null;
  /** Names; the rest of what they were made with is in `settings`. */
  readonly model: string;
  readonly strategy: string;
  readonly renderer: string;
  readonly seed: number;
  /** What the run was started with. */
  readonly settings: JsonObject;
  /** Milliseconds since 1970 at which it began. */
  readonly startedMs: number | null;
  /** The same of the latest event: for a finished run, its end. */
  readonly latestMs: number | null;
  /** Rounds finished, and cells that the model's calls ran. */
  readonly rounds: number;
  readonly cells: number;
  /** No episode begins before somebody says `unpause`. */
  readonly paused: boolean;
  /** The best branch so far: the founder, where none is better. */
  readonly best: RunBranch;
  /** Every branch in the order scored, the founder first. */
  readonly branches: readonly RunBranch[];
  readonly failed: readonly FailedEpisode[];
  /** Proposals whose episodes have not ended, in the order made. */
  readonly open: readonly ProposalId[];
}

/**
 * Reads a run, finished, live or interrupted, as it is now. Memory grows with the number of branches, not with their notebooks.
 * @throws RunError `run-missing` when there is none or its founder was never scored; `run-corrupt`; `run-newer`.
 */
export async function readRun(dir: string): Promise<RunRecord> {
  checkValue("readRun: dir", dir, OPTION.text);
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  return recordOfRun(store.dir, history, await readTask(store, history));
}

/** The task of a run that is read already. @throws RunError `blob-missing` | `run-corrupt`. */
export async function readTask(blobs: BlobReader, { task }: Pick<History, "task">): Promise<Task> {
  const read: Task = JSON.parse(Buffer.from(await blobs.readBlob(task)).toString("utf8"));
  return read;
}

/** How a run that is read already stands now. */
export async function standingNow(dir: string, { stopped }: Pick<History, "stopped">): Promise<RunStanding> {
  if ((await liveSession(dir)) !== null) return "live";
  return stopped === null ? "interrupted" : "finished";
}

/** The record of a run that is read already. `dir`: absolute. */
export async function recordOfRun(dir: string, history: History, task: Task): Promise<RunRecord> {
  const { settings, seed, startedMs, latestMs, rounds, cells, paused } = history;
  const { name, direction, statement, parameters } = task;
  const proposals = new Map(history.ended.map(({ outcome: { proposal } }) => [proposal.number, proposal]));
  const branches = branchesInOrder(history).map((branch) =>
    runBranch(dir, branch, proposals.get(branch.number)?.operator ?? "founder", history),
  );
  const totals = totalsOf(dir, history);
  return {
    ...totals,
    dir,
    state: await standingNow(dir, history),
    task: { name, direction, statement, parameters },
    target: targetOf(task, settings["target"]),
    bestKnown: bestKnownFacts(task, ownScore(history.best.score)),
    model: stringOf(settings["model"]),
    strategy: stringOf(recordOf(settings["strategy"])["name"]),
    renderer: stringOf(settings["renderer"]),
    ...{ seed, settings, startedMs, latestMs, rounds, cells, paused },
    best: branches.find(({ branch }) => branch === history.best.id) ?? runBest(dir, history),
    branches,
    failed: failedOf(history),
    open: openProposals(history).map(({ id }) => id),
  };
}

function failedOf({ ended }: History): readonly FailedEpisode[] {
  return ended
    .toArray()
    .flatMap(({ outcome }) =>
      outcome.ok
        ? []
        : [{ proposal: outcome.proposal.id, operator: outcome.proposal.operator, ...outcome.failure }],
    );
}

/** Those whose episodes have not ended, in the order made. */
export function openProposals({ open }: History): readonly Proposal[] {
  return [...open.values()].flatMap(({ proposal, outcome }) => (outcome === null ? [proposal] : []));
}
