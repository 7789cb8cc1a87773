// Owns: the reduction of a journal to a History, one event at a time. Never reads a clock, a file or a blob.
import { List, Map as PersistentMap, OrderedMap, Set as PersistentSet } from "immutable";
import type { Outcome, Proposal, ProposalId, RunEvent } from "../../contracts/index.ts";
import { RunError } from "../errors.ts";
import { bestFirst, bestOf } from "./branch.ts";
import type {
  EndedEpisode,
  EventOf,
  EventTime,
  History,
  KnownTurn,
  ModelTrial,
  OpenEpisode,
} from "./history.ts";
import { addCounts, addUsage, tokensOf } from "./usage.ts";

/** Trials of competing models that are kept: the latest decide. */
export const TRIALS = 100;

/**
 * The history after one more event; `history` is null before the first one. `timeMs`: when the event was appended, in
 * milliseconds since 1970; null when that is not known. @throws RunError `run-corrupt`.
 */
export function reduceHistory(history: History | null, event: RunEvent, timeMs: EventTime = null): History {
  if (event.type === "run-started") return beginHistory(event, timeMs);
  if (history === null) throw noBeginning();
  return extendHistory(history, event, timeMs);
}

export function noBeginning(): RunError {
  return new RunError("run-corrupt", "the journal does not begin with run-started");
}

export function beginHistory(event: EventOf<"run-started">, timeMs: EventTime): History {
  const { seed, task, settings, founder } = event;
  return {
    seed,
    task,
    settings,
    founder,
    events: 1,
    startedMs: timeMs,
    latestMs: timeMs,
    proposals: 0,
    injected: 0,
    told: 0,
    failures: 0,
    rounds: 0,
    cells: 0,
    usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 },
    notices: {},
    branches: PersistentMap([[founder.id, founder]]),
    best: founder,
    bestAt: 0,
    reproduced: PersistentMap(),
    open: OrderedMap(),
    ended: List(),
    stopped: null,
    notes: [],
    givenNotes: [],
    commands: PersistentSet(),
    paused: false,
    windows: PersistentMap(),
    modelTrials: [],
  };
}

/** The same for a larger value that is a history in part, such as a run with its population. */
export function extendHistory<H extends History>(history: H, event: LaterEvent, timeMs: EventTime): H {
  const changes = changesBy(history, event, timeMs);
  return { ...history, ...changes, events: history.events + 1, latestMs: timeMs ?? history.latestMs };
}

type LaterEvent = Exclude<RunEvent, EventOf<"run-started">>;
type Changes = Partial<History>;

function changesBy(history: History, event: LaterEvent, timeMs: EventTime): Changes {
  switch (event.type) {
    case "proposal-made":
      return addProposal(history, event.proposal, timeMs);
    case "kernel-restored":
      return changeOpen(history, event.proposal, ({ restores }) => ({
        restores: [...restores, event.restored],
      }));
    case "turn-ended":
      return addTurn(history, event);
    case "call-decided":
      return changeOpen(history, event.proposal, ({ decisions }) => ({ decisions: [...decisions, event] }));
    case "calls-ended": {
      const cells = history.cells + (event.cells ?? 0);
      const open = changeOpen(history, event.proposal, ({ turns, cells: before }) => ({
        turns: addResults(turns, event),
        cells: before === null || event.cells === undefined ? null : before + event.cells,
      }));
      const { mended = 0 } = event;
      const notices =
        mended === 0
          ? history.notices
          : addCounts(history.notices, { repaired: mended, "repaired:source": mended });
      return { ...open, cells, notices };
    }
    case "round-ended":
      return changeOpen(history, event.proposal, (open) => endRound(open, event, timeMs));
    case "episode-ended":
      return endEpisode(history, event.outcome, timeMs);
    case "proposal-told":
      return tellProposal(history, event.proposal);
    case "branch-reproduced":
      return addReproduction(history, event);
    case "run-stopped":
      return { stopped: event.reason };
    case "steered":
      return addNote(history, event, timeMs);
    case "paused":
      return { paused: true };
    case "unpaused":
      return { paused: false };
  }
}

/** The outcome of an open proposal whose episode has ended. @throws RunError `run-corrupt` for any other. */
export function outcomeOf(history: History, id: ProposalId): Outcome {
  const outcome = history.open.get(id)?.outcome ?? null;
  if (outcome === null) throw new RunError("run-corrupt", `${id} was told before it ended`);
  return outcome;
}

function addProposal(history: History, proposal: Proposal, timeMs: EventTime): Changes {
  const carried = new Set(proposal.notes?.map(({ command }) => command));
  const { injected } = proposal;
  const windowTokens = history.windows.get(modelOf(proposal)) ?? null;
  return {
    proposals: proposal.number,
    injected: history.injected + (injected === undefined ? 0 : 1),
    commands: injected === undefined ? history.commands : history.commands.add(injected.command),
    notes: history.notes
      .map((note) => (carried.has(note.command) ? { ...note, left: note.left - 1 } : note))
      .filter(({ left }) => left > 0),
    open: history.open.set(proposal.id, openEpisode(proposal, windowTokens, timeMs)),
    stopped: null,
  };
}

function openEpisode(proposal: Proposal, windowTokens: number | null, madeMs: EventTime): OpenEpisode {
  return {
    proposal,
    madeMs,
    restores: [],
    rounds: [],
    turns: [],
    decisions: [],
    tokens: 0,
    windowTokens,
    costUsd: 0,
    cells: 0,
    outcome: null,
  };
}

function addTurn(history: History, event: EventOf<"turn-ended">): Changes {
  const { reply, usage, notices = {}, windowTokens = null } = event;
  const open = changeOpen(history, event.proposal, ({ turns, tokens, costUsd }) => ({
    turns: [...turns, { reply, usage, results: null, windowTokens }],
    tokens: tokens + tokensOf(usage),
    costUsd: addUsage({ ...usage, costUsd }, usage).costUsd,
  }));
  return { ...open, usage: addUsage(history.usage, usage), notices: addCounts(history.notices, notices) };
}

function addResults(turns: readonly KnownTurn[], event: EventOf<"calls-ended">): readonly KnownTurn[] {
  return turns.map((turn, i) => (i === event.turn - 1 ? { ...turn, results: event.results } : turn));
}

function endRound(
  open: OpenEpisode,
  event: EventOf<"round-ended">,
  endedMs: EventTime,
): Partial<OpenEpisode> {
  const rounds = [...open.rounds, { ...event, endedMs }];
  return { rounds, turns: [], windowTokens: windowAfter(open), decisions: [] };
}

function endEpisode(history: History, outcome: Outcome, endedMs: EventTime): Changes {
  const { id } = outcome.proposal;
  const episode = { ...openEpisodeOf(history, id), outcome };
  const open = history.open.set(id, episode);
  const ended = history.ended.push(summariseEpisode(episode, outcome, endedMs));
  if (!outcome.ok) return { open, ended, failures: history.failures + 1 };
  const { branch } = outcome;
  const branches = history.branches.set(branch.id, branch);
  if (bestFirst(branch, history.best) > 0) return { open, ended, branches };
  return { open, ended, branches, best: branch, bestAt: history.told };
}

function summariseEpisode(
  { madeMs, restores, rounds, tokens, costUsd, cells }: OpenEpisode,
  outcome: Outcome,
  endedMs: EventTime,
): EndedEpisode {
  const scores = rounds.map((played) => ({
    round: played.round,
    score: played.score,
    endedMs: played.endedMs,
  }));
  return { outcome, madeMs, endedMs, restores, rounds: scores, tokens, costUsd, cells };
}

/** Whether it left a branch though its model ran no cell: what it claims, nobody tried. */
export function ranNoCell({ outcome, cells }: EndedEpisode): boolean {
  return outcome.ok && cells === 0 && outcome.proposal.injected === undefined;
}

function tellProposal(history: History, id: ProposalId): Changes {
  const outcome = outcomeOf(history, id);
  const episode = openEpisodeOf(history, id);
  return {
    open: history.open.delete(id),
    told: history.told + 1,
    rounds: history.rounds + episode.rounds.length,
    windows: addWindow(history.windows, episode),
    modelTrials: addTrial(history, episode, outcome),
  };
}

/** A best branch that reproduction refutes makes way for the next best. */
function addReproduction(history: History, event: EventOf<"branch-reproduced">): Changes {
  const { branch, reproduction } = event;
  const reproduced = history.reproduced.set(branch, reproduction);
  if (reproduction.survives || history.best.id !== branch) return { reproduced };
  return { reproduced, best: bestOf(history.branches.values(), reproduced) ?? history.best };
}

function addNote(history: History, event: EventOf<"steered">, givenMs: EventTime): Changes {
  const { command, note, branch, proposals } = event;
  const given = { command, note, branch, proposals, after: history.proposals, givenMs };
  return {
    notes: [...history.notes, { command, note, branch, left: proposals }],
    givenNotes: [...history.givenNotes, given],
    commands: history.commands.add(command),
  };
}

/** What an episode knows of the prompts that fit, its present round included. */
function windowAfter({ windowTokens, turns }: OpenEpisode): number | null {
  return turns.reduce((least, turn) => narrowerWindow(least, turn.windowTokens), windowTokens);
}

/** Each of several models has a window of its own. */
function addWindow(windows: History["windows"], episode: OpenEpisode): History["windows"] {
  const model = modelOf(episode.proposal);
  const tokens = narrowerWindow(windows.get(model) ?? null, windowAfter(episode));
  return tokens === null ? windows : windows.set(model, tokens);
}

const modelOf = ({ model = "" }: Proposal): string => model;

function narrowerWindow(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function addTrial(
  history: History,
  { proposal, costUsd, tokens }: OpenEpisode,
  outcome: Outcome,
): readonly ModelTrial[] {
  const { model, parents } = proposal;
  if (model === undefined) return history.modelTrials;
  const fitness = outcome.ok ? outcome.branch.score.fitness : null;
  const parentFitness = (history.branches.get(parents[0] ?? "") ?? history.best).score.fitness;
  return [...history.modelTrials, { model, fitness, parentFitness, costUsd, tokens }].slice(-TRIALS);
}

function openEpisodeOf(history: History, id: ProposalId): OpenEpisode {
  const open = history.open.get(id);
  if (open === undefined) throw new RunError("run-corrupt", `the journal speaks of ${id}, which is not open`);
  return open;
}

function changeOpen(
  history: History,
  id: ProposalId,
  changesOf: (open: OpenEpisode) => Partial<OpenEpisode>,
): Pick<History, "open"> {
  const open = openEpisodeOf(history, id);
  return { open: history.open.set(id, { ...open, ...changesOf(open) }) };
}
