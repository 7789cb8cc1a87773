// Owns: what a run amounts to: its branches, episodes, totals and notes, as one value, whatever the strategy.
import type { List, Map as PersistentMap, OrderedMap, Set as PersistentSet } from "immutable";
import type {
  BlobHash,
  Branch,
  BranchId,
  CommandId,
  JsonObject,
  Note,
  Outcome,
  Proposal,
  ProposalId,
  Reproduction,
  Restored,
  RunEvent,
  Score,
  StopReason,
  Usage,
} from "../../contracts/index.ts";

/** The event of one type. */
export type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Milliseconds since 1970 at which an event was appended; null when the reader of the journal does not know. */
export type EventTime = number | null;

/** A run as its journal tells it, up to some event. Reduced by `reduceHistory`; never changed in place. */
export interface History {
  readonly seed: number;
  /** Blob: the task's JSON. */
  readonly task: BlobHash;
  readonly settings: JsonObject;
  readonly founder: Branch;
  /** Events reduced so far; also the position of the next one. */
  readonly events: number;
  readonly startedMs: EventTime;
  /** The time of the latest event. */
  readonly latestMs: EventTime;

  /** Proposals made so far; also the number of the latest one. */
  readonly proposals: number;
  /** Proposals that people made: no budget counts them. */
  readonly injected: number;
  /** Proposals whose outcome the strategy knows. */
  readonly told: number;
  /** Episodes that ended without a branch; `ended` has the reasons. */
  readonly failures: number;
  /** Finished rounds of the proposals that were told. */
  readonly rounds: number;
  /** Cells that the model's calls ran. */
  readonly cells: number;
  /** The sum over all turns; `costUsd` is null once a turn had no known price. */
  readonly usage: Usage;
  /** What had to be done to get the model's replies, by kind, over all turns. */
  readonly notices: Readonly<Record<string, number>>;

  readonly branches: PersistentMap<BranchId, Branch>;
  /** The best branch that reproduction has not refuted. */
  readonly best: Branch;
  /** `told` when the best was found. */
  readonly bestAt: number;
  readonly reproduced: PersistentMap<BranchId, Reproduction>;
  /** Proposals that are not told yet, in the order made. One whose episode has ended has an outcome, and is in `ended` too. */
  readonly open: OrderedMap<ProposalId, OpenEpisode>;
  /** In the order ended. */
  readonly ended: List<EndedEpisode>;
  /** Null while the run goes on, or was interrupted. */
  readonly stopped: StopReason | null;

  /** Notes that later proposals will still carry, in the order given. */
  readonly notes: readonly ActiveNote[];
  /** Every note that was given, in the order given. */
  readonly givenNotes: readonly GivenNote[];
  /** People's commands that were carried out. */
  readonly commands: PersistentSet<CommandId>;
  readonly paused: boolean;

  /** By model, "" where a run has one: prompt tokens known to fit; absent while no prompt was refused. */
  readonly windows: PersistentMap<string, number>;
  /** The latest trials of the models that compete for proposals, in the order told. */
  readonly modelTrials: readonly ModelTrial[];
}

/** All that is known of a proposal that was made and not yet told. */
export interface OpenEpisode {
  readonly proposal: Proposal;
  readonly madeMs: EventTime;
  /** How each lease got the parent's state: more than one where a kernel was lost, or the run was resumed. */
  readonly restores: readonly Restored[];
  /** Finished rounds, in order. */
  readonly rounds: readonly FinishedRound[];
  /** Turns of the round that was being played. */
  readonly turns: readonly KnownTurn[];
  /** Decisions about calls of the round that was being played. */
  readonly decisions: readonly EventOf<"call-decided">[];
  /** Input and output tokens of the finished rounds and the present one. */
  readonly tokens: number;
  /** Prompt tokens known to fit before the present round; null when no prompt was refused. */
  readonly windowTokens: number | null;
  /** The cost of all its turns; null once one had no known price. */
  readonly costUsd: number | null;
  /** Cells that the model's calls ran; null where the journal does not say it. */
  readonly cells: number | null;
  readonly outcome: Outcome | null;
}

/** A finished round of an episode that has not ended. */
export type FinishedRound = EventOf<"round-ended"> & { readonly endedMs: EventTime };

/** A turn whose reply is known. */
export interface KnownTurn {
  readonly reply: BlobHash;
  readonly usage: Usage;
  /** Null when its calls were not finished. */
  readonly results: BlobHash | null;
  /** Prompt tokens that the prompt was cut to before it, after a longer one was refused; null when it was not. */
  readonly windowTokens: number | null;
}

/** What is kept of an episode that is over. */
export interface EndedEpisode {
  readonly outcome: Outcome;
  readonly madeMs: EventTime;
  readonly endedMs: EventTime;
  readonly restores: readonly Restored[];
  readonly rounds: readonly RoundScore[];
  /** Input and output tokens of all its turns. */
  readonly tokens: number;
  /** The cost of all its turns; null when one had no known price. */
  readonly costUsd: number | null;
  /** Cells that the model's calls ran; null where the journal does not say it. */
  readonly cells: number | null;
}

/** The score of one finished round. */
export interface RoundScore {
  readonly round: number;
  readonly score: Score;
  readonly endedMs: EventTime;
}

/** A person's note that later proposals will still carry. */
export interface ActiveNote extends Note {
  /** The branch whose descendants it is for; null when it is for all. */
  readonly branch: BranchId | null;
  /** How many more proposals will carry it, 1 or more. */
  readonly left: number;
}

/** A person's note as it was given. */
export interface GivenNote extends Note {
  readonly branch: BranchId | null;
  /** How many proposals it was for. */
  readonly proposals: number;
  /** Proposals made before it. */
  readonly after: number;
  readonly givenMs: EventTime;
}

/** What one of several models made of one proposal. */
export interface ModelTrial {
  readonly model: string;
  /** Null when it failed. */
  readonly fitness: number | null;
  /** The fitness of the first parent. */
  readonly parentFitness: number;
  /** Null when a turn had no known price. */
  readonly costUsd: number | null;
  readonly tokens: number;
}
