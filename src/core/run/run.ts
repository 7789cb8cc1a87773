// Owns: the state of a run as a reduction of its journal. Never reads a clock, a file or a blob.
import { Map as PersistentMap, OrderedMap, Set as PersistentSet } from "immutable";
import type {
  BlobHash,
  Branch,
  BranchId,
  JsonObject,
  CommandId,
  Note,
  Outcome,
  Proposal,
  ProposalId,
  Reproduction,
  Restored,
  RunEvent,
  StopReason,
  Strategy,
  Usage,
} from "../../contracts/index.ts";
import { bestFirst } from "./branch.ts";
import { RunError } from "../errors.ts";
import { askStrategy } from "./ask-strategy.ts";
import { TRIALS, type ModelTrial } from "./model-bandit.ts";
import { addCounts, addUsage } from "./usage.ts";

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** A turn whose reply is known; `results` is null when its calls were not finished. */
export interface KnownTurn {
  readonly reply: BlobHash;
  readonly usage: Usage;
  readonly results: BlobHash | null;
  /** The view was made anew before it, to fit. */
  readonly windowTokens: number | null;
}

/** All that is known of a proposal that was made and not yet told. */
export interface OpenEpisode {
  readonly proposal: Proposal;
  /** How the first lease got the parent's state; null before there was one. */
  readonly restored: Restored | null;
  /** Finished rounds, in order. */
  readonly rounds: readonly EventOf<"round-ended">[];
  /** Turns of the round that was being played. */
  readonly turns: readonly KnownTurn[];
  /** What was decided about calls of that round. */
  readonly decisions: readonly EventOf<"call-decided">[];
  /** Tokens that the finished and the present round took. */
  readonly tokens: number;
  /** Tokens of a prompt that fits, as was known before the round that is played; null: none was refused. */
  readonly windowTokens: number | null;
  /** Of all its turns; null once one had no known price. */
  readonly costUsd: number | null;
  readonly outcome: Outcome | null;
}

/** A person's note that is still to be told. */
export interface ActiveNote extends Note {
  /** Only below this branch; null: everywhere. */
  readonly branch: BranchId | null;
  /** To so many more proposals; 1 or more. */
  readonly left: number;
}

export interface Run<P = unknown> {
  readonly seed: number;
  readonly task: BlobHash;
  readonly settings: JsonObject;
  /** Proposals made so far; also the number of the last one. */
  readonly proposals: number;
  /** Those of them that people made: no budget counts them. */
  readonly injected: number;
  readonly told: number;
  readonly failures: number;
  /** Finished rounds of the proposals that were told. */
  readonly rounds: number;
  /** Cells that the model's calls ran. */
  readonly cells: number;
  /** `told` when the best was found. */
  readonly bestAt: number;
  /** In the order made. */
  readonly open: OrderedMap<ProposalId, OpenEpisode>;
  readonly branches: PersistentMap<BranchId, Branch>;
  /** Of those whose score was not found to be gone when they were reproduced. */
  readonly best: Branch;
  readonly reproduced: PersistentMap<BranchId, Reproduction>;
  readonly population: P;
  /** Of all turns; `costUsd` is null once a turn had no known price. */
  readonly usage: Usage;
  /** Of all turns, by kind: what had to be done to get their replies. */
  readonly notices: Readonly<Record<string, number>>;
  /** By model, "" where a run has one: tokens of a prompt that fits, as told proposals have found; absent: none was refused. */
  readonly windows: PersistentMap<string, number>;
  readonly stopped: StopReason | null;
  /** The latest, in the order told; of proposals that were given to one of several models. */
  readonly modelTrials: readonly ModelTrial[];
  /** In the order given. */
  readonly notes: readonly ActiveNote[];
  /** Commands that were carried out. */
  readonly commands: PersistentSet<CommandId>;
  readonly paused: boolean;
}

/** The run after one more event. @throws RunError `strategy-failed` | `run-corrupt`. */
export function reduce<P>(strategy: Strategy<P>, run: Run<P> | null, event: RunEvent): Run<P> {
  if (event.type === "run-started") return started(strategy, event);
  if (run === null) throw new RunError("run-corrupt", "the journal does not begin with run-started");
  switch (event.type) {
    case "proposal-made":
      return proposed(run, event.proposal);
    case "kernel-restored":
      return changeOpen(run, event.proposal, (open) => ({
        ...open,
        restored: open.restored ?? event.restored,
      }));
    case "turn-ended":
      return {
        ...withTurn(run, event),
        usage: addUsage(run.usage, event.usage),
        notices: addCounts(run.notices, event.notices ?? {}),
      };
    case "call-decided":
      return changeOpen(run, event.proposal, (open) => ({ ...open, decisions: [...open.decisions, event] }));
    case "calls-ended":
      return {
        ...changeOpen(run, event.proposal, (open) => ({ ...open, turns: withResults(open.turns, event) })),
        cells: run.cells + (event.cells ?? 0),
      };
    case "round-ended":
      return changeOpen(run, event.proposal, (open) => ({
        ...open,
        rounds: [...open.rounds, event],
        turns: [],
        windowTokens: windowAfter(open),
        decisions: [],
      }));
    case "episode-ended":
      return ended(run, event.outcome);
    case "proposal-told":
      return told(strategy, run, event.proposal);
    case "branch-reproduced":
      return reproduced(run, event);
    case "run-stopped":
      return { ...run, stopped: event.reason };
    case "steered": {
      const { command, note, branch, proposals } = event;
      const notes = [...run.notes, { command, note, branch, left: proposals }];
      return { ...run, notes, commands: run.commands.add(command) };
    }
    case "paused":
      return { ...run, paused: true };
    case "unpaused":
      return { ...run, paused: false };
  }
}

function started<P>(strategy: Strategy<P>, event: EventOf<"run-started">): Run<P> {
  return {
    seed: event.seed,
    task: event.task,
    settings: event.settings,
    proposals: 0,
    injected: 0,
    told: 0,
    failures: 0,
    rounds: 0,
    cells: 0,
    bestAt: 0,
    open: OrderedMap(),
    branches: PersistentMap([[event.founder.id, event.founder]]),
    best: event.founder,
    reproduced: PersistentMap(),
    population: askStrategy(strategy, "start", () => strategy.start(event.founder)),
    usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costUsd: 0 },
    notices: {},
    windows: PersistentMap(),
    stopped: null,
    modelTrials: [],
    notes: [],
    commands: PersistentSet(),
    paused: false,
  };
}

function proposed<P>(run: Run<P>, proposal: Proposal): Run<P> {
  const told = new Set(proposal.notes?.map(({ command }) => command));
  const { injected } = proposal;
  return {
    ...run,
    proposals: proposal.number,
    injected: run.injected + (injected === undefined ? 0 : 1),
    commands: injected === undefined ? run.commands : run.commands.add(injected.command),
    notes: run.notes
      .map((note) => (told.has(note.command) ? { ...note, left: note.left - 1 } : note))
      .filter(({ left }) => left > 0),
    open: run.open.set(proposal.id, opened(proposal, run.windows.get(modelOf(proposal)) ?? null)),
    stopped: null,
  };
}

function opened(proposal: Proposal, windowTokens: number | null): OpenEpisode {
  const nothing = {
    restored: null,
    rounds: [],
    turns: [],
    decisions: [],
    tokens: 0,
    costUsd: 0,
    outcome: null,
  };
  return { proposal, ...nothing, windowTokens };
}

function withTurn<P>(run: Run<P>, event: EventOf<"turn-ended">): Run<P> {
  const { reply, usage, windowTokens = null } = event;
  return changeOpen(run, event.proposal, (open) => ({
    ...open,
    turns: [...open.turns, { reply, usage, results: null, windowTokens }],
    tokens: open.tokens + usage.inputTokens + usage.outputTokens,
    costUsd: addUsage({ ...usage, costUsd: open.costUsd }, usage).costUsd,
  }));
}

function withResults(turns: readonly KnownTurn[], event: EventOf<"calls-ended">): readonly KnownTurn[] {
  return turns.map((turn, i) => (i === event.turn - 1 ? { ...turn, results: event.results } : turn));
}

function ended<P>(run: Run<P>, outcome: Outcome): Run<P> {
  const next = changeOpen(run, outcome.proposal.id, (open) => ({ ...open, outcome }));
  if (!outcome.ok) return { ...next, failures: run.failures + 1 };
  const { branch } = outcome;
  const branches = run.branches.set(branch.id, branch);
  if (bestFirst(branch, run.best) > 0) return { ...next, branches };
  return { ...next, branches, best: branch, bestAt: run.told };
}

/** One that does not survive makes way for the next best. */
function reproduced<P>(run: Run<P>, { branch, reproduction }: EventOf<"branch-reproduced">): Run<P> {
  const next = { ...run, reproduced: run.reproduced.set(branch, reproduction) };
  if (reproduction.survives || run.best.id !== branch) return next;
  const left = run.branches.valueSeq().filter(({ id }) => next.reproduced.get(id)?.survives !== false);
  return { ...next, best: left.min(bestFirst) ?? run.best };
}

function told<P>(strategy: Strategy<P>, run: Run<P>, id: ProposalId): Run<P> {
  const episode = run.open.get(id);
  const outcome = episode?.outcome;
  if (episode === undefined || outcome === undefined || outcome === null)
    throw new RunError("run-corrupt", `${id} was told before it ended`);
  const population = askStrategy(strategy, "tell", () => strategy.tell(run.population, outcome));
  const rounds = run.rounds + episode.rounds.length;
  const windows = withWindow(run.windows, episode);
  const modelTrials = withTrial(run, episode, outcome);
  const open = run.open.delete(id);
  return { ...run, open, told: run.told + 1, rounds, windows, population, modelTrials };
}

/** What an episode knows of the prompts that fit, its present round included. */
function windowAfter({ windowTokens, turns }: OpenEpisode): number | null {
  return turns.reduce((least, turn) => narrower(least, turn.windowTokens), windowTokens);
}

/** Each model of an ensemble has a window of its own. */
function withWindow(windows: Run["windows"], episode: OpenEpisode): Run["windows"] {
  const model = modelOf(episode.proposal);
  const tokens = narrower(windows.get(model) ?? null, windowAfter(episode));
  return tokens === null ? windows : windows.set(model, tokens);
}

const modelOf = ({ model = "" }: Proposal): string => model;

function narrower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function withTrial(
  run: Run,
  { proposal, costUsd, tokens }: OpenEpisode,
  outcome: Outcome,
): readonly ModelTrial[] {
  const { model, parents } = proposal;
  if (model === undefined) return run.modelTrials;
  const fitness = outcome.ok ? outcome.branch.score.fitness : null;
  const parentFitness = (run.branches.get(parents[0] ?? "") ?? run.best).score.fitness;
  return [...run.modelTrials, { model, fitness, parentFitness, costUsd, tokens }].slice(-TRIALS);
}

function changeOpen<P>(run: Run<P>, id: ProposalId, change: (open: OpenEpisode) => OpenEpisode): Run<P> {
  const open = run.open.get(id);
  if (open === undefined) throw new RunError("run-corrupt", `the journal speaks of ${id}, which is not open`);
  return { ...run, open: run.open.set(id, change(open)) };
}
