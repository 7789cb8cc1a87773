// Owns: the outer loop. Durable first, then visible; call it again on the same journal to resume.
// Never knows what an episode does, nor which strategy, model or store it was given.
import { setMaxListeners } from "node:events";
import { askMove } from "../core/run/check-decision.ts";
import { reduce, type Run } from "../core/run/run.ts";
import { withModel } from "../core/run/model-bandit.ts";
import { withNotes } from "../core/run/steering.ts";
import type {
  Blob,
  Branch,
  Inbox,
  Journal,
  Outcome,
  Proposal,
  ProposalId,
  Reproduction,
  RunEvent,
  Strategy,
} from "../contracts/index.ts";
import { whyStopped, withinBudget, withinRounds, type Budget } from "./budget.ts";
import { checkMove } from "./check-move.ts";
import { noControl, openControl } from "./control.ts";
import { turnBudget, type TurnBudget } from "./turn-budget.ts";
import { reproduceQueue, type ReproduceMode } from "./reproduce-queue.ts";

/** The run has the event at once; resolves when it, and the blobs it names, are durable. In the order called. */
export type RecordEvent = (event: RunEvent, blobs?: readonly Blob[]) => Promise<void>;

/** How an episode ended, and the blobs its outcome names that are not stored yet. */
export interface EpisodeEnd {
  readonly outcome: Outcome;
  readonly blobs: readonly Blob[];
}

export interface EvolveParts<P> {
  readonly strategy: Strategy<P>;
  readonly journal: Journal;
  /** The first event, when the journal is still empty. */
  found(): Promise<{ readonly event: RunEvent; readonly blobs: readonly Blob[] }>;
  /** Carries one proposal out. A failed episode is an outcome; what it throws stops the run. */
  playEpisode(
    proposal: Proposal,
    run: Run<P>,
    record: RecordEvent,
    signal: AbortSignal,
    purse: TurnBudget,
  ): Promise<EpisodeEnd>;
  /** Names of models that compete for proposals; none: there is one. */
  readonly models?: readonly string[];
  /** What people ask of the run while it goes on; none: nothing. */
  readonly inbox?: Inbox;
  /** Runs a branch's notebook anew and judges it; what it throws stops the run. Absent: no branch is reproduced. */
  readonly reproduce?: (branch: Branch, signal: AbortSignal) => Promise<Reproduction>;
  /** Told of every event once it is durable, those of the past included. Must not throw. */
  readonly observe?: (run: Run<P>, event: RunEvent, past: boolean) => void;
}

export interface EvolveOptions {
  /** Episodes at a time, 1 or more. */
  readonly parallel: number;
  /**
   * `as-finished` keeps kernels busy. `as-proposed` tells results in the order proposed, so that one seed
   * gives one population whatever the timing.
   */
  readonly order: "as-finished" | "as-proposed";
  readonly budget: Budget;
  /** Rounds an episode plays where its move does not say; 1. */
  readonly rounds?: number;
  /** Which branches are reproduced, where there is a way; `best`. */
  readonly reproduce?: ReproduceMode;
  readonly signal: AbortSignal;
}

/** Evolves until the budget is spent. @throws RunError, or the signal's reason: the run can be resumed. */
export async function evolve<P>(parts: EvolveParts<P>, options: EvolveOptions): Promise<Run<P>> {
  const { strategy, journal } = parts;
  const { budget, rounds: planned = 1 } = options;
  const began = Date.now();
  const elapsed = (): number => (Date.now() - began) / 1000;
  let run = await replay(parts);
  const purse = turnBudget(() => run, budget, elapsed);
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every episode, cell and request listens: many are no leak
  const episodes = new Map<ProposalId, Promise<ProposalId>>();

  // The run is reduced when an event is handed to the journal, which keeps events in that order and many at once;
  // nothing acts on an event, and nobody is told of it, before it is durable.
  let durable: Promise<void> = Promise.resolve();
  const write: RecordEvent = (event, blobs) => {
    run = reduce(strategy, run, event);
    const after = run;
    const kept = journal.append([event], blobs);
    kept.catch((error: unknown) => failed.abort(error));
    durable = durable.then(() => kept).then(() => parts.observe?.(after, event, false));
    durable.catch(() => undefined); // awaited by whoever wrote, and at the end
    return durable;
  };
  const record: RecordEvent = async (event, blobs) => write(event, blobs);
  const { reproduce } = parts;
  const checks = reproduceQueue({
    mode: reproduce === undefined ? "none" : (options.reproduce ?? "best"),
    run: () => run,
    record,
    reproduce: async (branch) => {
      if (reproduce === undefined) throw new Error("no branch is reproduced here");
      return reproduce(branch, signal);
    },
  });
  const begin = (proposal: Proposal): void => {
    const episode = durable.then(() => carryOut(parts, proposal, run, record, signal, purse));
    episode.catch(() => undefined); // awaited below; this only keeps an early rejection from being "unhandled"
    episodes.set(proposal.id, episode);
  };

  /** The strategy's next proposal, journalled; null when it wants a result first, or the budget is spent. */
  const propose = (): Proposal | null => {
    if (!withinBudget(run, budget, elapsed(), planned)) return null;
    const move = askMove(strategy, run);
    if (move === null) return null;
    checkMove(strategy, move, run);
    const number = run.proposals + 1;
    const cut = withinRounds({ ...move, number, id: `p${number}` }, run, budget, planned);
    const proposal = withModel(withNotes(cut, run), run, parts.models ?? []);
    void write({ type: "proposal-made", proposal });
    return proposal;
  };

  try {
    const people = parts.inbox === undefined ? noControl : openControl(parts.inbox, () => run, write);
    for (const { proposal } of run.open.values()) begin(proposal); // what an interruption left
    while (true) {
      people.hear();
      while (episodes.size < options.parallel && !people.holding) {
        signal.throwIfAborted();
        const proposal = people.inject() ?? propose();
        if (proposal === null) break;
        begin(proposal);
      }
      const [oldest] = episodes.values();
      if (oldest === undefined && (people.stopping || !run.paused)) {
        // A best that does not survive may leave something to do.
        if (await checks.settle()) continue;
        break;
      }
      const ended =
        oldest === undefined || options.order === "as-proposed" ? oldest : Promise.race(episodes.values());
      const told = await people.orNews(ended, signal);
      if (told === null) continue;
      episodes.delete(told);
      void write({ type: "proposal-told", proposal: told });
      checks.look();
    }
    if (run.stopped === null) {
      const reason = people.stopping ? "asked" : whyStopped(run, budget, elapsed(), planned);
      void write({ type: "run-stopped", reason });
    }
    await durable;
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([...episodes.values(), checks.settle(), durable]);
    throw error;
  }
  return run;
}

/** Reduces every event already known, or begins a new run. */
async function replay<P>(parts: EvolveParts<P>): Promise<Run<P>> {
  let run: Run<P> | null = null;
  for await (const event of parts.journal.read(0)) {
    run = reduce(parts.strategy, run, event);
    parts.observe?.(run, event, true);
  }
  if (run !== null) return run;
  const { event, blobs } = await parts.found();
  await parts.journal.append([event], blobs);
  run = reduce(parts.strategy, null, event);
  parts.observe?.(run, event, false);
  return run;
}

async function carryOut<P>(
  parts: EvolveParts<P>,
  proposal: Proposal,
  run: Run<P>,
  record: RecordEvent,
  signal: AbortSignal,
  purse: TurnBudget,
): Promise<ProposalId> {
  if (!run.open.get(proposal.id)?.outcome) {
    const { outcome, blobs } = await parts.playEpisode(proposal, run, record, signal, purse);
    await record({ type: "episode-ended", outcome }, blobs);
  }
  return proposal.id;
}
