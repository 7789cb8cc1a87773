// Owns: the outer loop: proposals are made, played, told and written down until the budget is spent.
// Never knows what an episode does, nor which strategy, model or store it was given.
import { setMaxListeners } from "node:events";
import type { Run } from "../core/run/run.ts";
import type { Proposal, ProposalId } from "../contracts/index.ts";
import { turnBudget, whyStopped, type TurnBudget } from "./budget.ts";
import { openControl } from "./control.ts";
import { watchIdleness } from "./idle-run.ts";
import { proposeNext } from "./propose.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { reproduceQueue } from "./reproduce.ts";
import type { EvolveOptions, EvolveParts } from "./types.ts";

/**
 * Evolves until the budget is spent; on a journal with a run in it, goes on where that run was.
 * @throws RunError, or the signal's reason: the run can be resumed.
 */
export async function evolve<P>(parts: EvolveParts<P>, options: EvolveOptions): Promise<Run<P>> {
  const { strategy, models = [] } = parts;
  const { budget, rounds: planned = 1, parallel, order } = options;
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  setMaxListeners(0, signal); // every episode, cell and request listens: many are no leak
  const recorder = await openRecorder(parts, (error) => failed.abort(error));
  const turns = turnBudget(() => recorder.run, budget, elapsed);
  const checks = reproduceQueue(parts.reproduce, options.reproduce ?? "best", recorder, signal);
  const episodes = new Map<ProposalId, Promise<ProposalId>>();
  const checkIdleness = watchIdleness(recorder.run);
  const begin = (proposal: Proposal): void => {
    const episode = recorder.settle().then(() => carryOut(parts, proposal, recorder, signal, turns));
    episode.catch(() => undefined); // awaited below; this only keeps an early rejection from being "unhandled"
    episodes.set(proposal.id, episode);
  };
  const propose = (): Proposal | null => {
    const proposal = proposeNext(strategy, recorder.run, { budget, planned, elapsed: elapsed(), models });
    if (proposal === null) return null;
    checkIdleness(recorder.run);
    void recorder.write({ type: "proposal-made", proposal });
    return proposal;
  };
  try {
    const control = openControl(parts.inbox, recorder);
    for (const { proposal } of recorder.run.open.values()) begin(proposal); // what an interruption left
    while (true) {
      control.hear();
      while (episodes.size < parallel && !control.holding) {
        signal.throwIfAborted();
        const proposal = control.inject() ?? propose();
        if (proposal === null) break;
        begin(proposal);
      }
      const [oldest] = episodes.values();
      if (oldest === undefined && (control.stopping || !recorder.run.paused)) {
        // A best that does not survive may leave something to do.
        if (await checks.settle()) continue;
        break;
      }
      const isNext = oldest === undefined || order === "as-proposed";
      const ended = isNext ? oldest : Promise.race(episodes.values());
      const told = await control.waitFor(ended, signal);
      if (told === null) continue;
      episodes.delete(told);
      void recorder.write({ type: "proposal-told", proposal: told });
      checks.look();
    }
    if (recorder.run.stopped === null) {
      const reason = control.stopping ? "asked" : whyStopped(recorder.run, budget, elapsed(), planned);
      void recorder.write({ type: "run-stopped", reason });
    }
    await recorder.settle();
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled([...episodes.values(), checks.settle(), recorder.settle()]);
    throw error;
  }
  return recorder.run;
}

/** Plays an episode, unless its outcome is on record already. */
async function carryOut<P>(
  parts: EvolveParts<P>,
  proposal: Proposal,
  { run, write }: Recorder<P>,
  signal: AbortSignal,
  turns: TurnBudget,
): Promise<ProposalId> {
  if (run.open.get(proposal.id)?.outcome) return proposal.id;
  const { outcome, blobs } = await parts.playEpisode(proposal, run, write, signal, turns);
  await write({ type: "episode-ended", outcome }, blobs);
  return proposal.id;
}
