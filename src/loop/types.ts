// Owns: the types that the files of the loop share. Types alone.
import type { NotebookState } from "../core/notebook/notebook.ts";
import type {
  ActionPolicy,
  AskPerson,
  Blob,
  BlobReader,
  Branch,
  DescriptorFunction,
  Harness,
  Inbox,
  Journal,
  KernelPool,
  LanguageModel,
  Notebook,
  Outcome,
  Proposal,
  Renderer,
  RenderInput,
  Reproduction,
  Score,
  RunEvent,
  Strategy,
  Task,
  Tool,
  Verifier,
} from "../contracts/index.ts";
import type { Run } from "../core/run/run.ts";
import type { Budget, TurnBudget } from "./budget.ts";

/** The run has the event at once; resolves when it, and the blobs it names, are durable. In the order called. */
export type RecordEvent = (event: RunEvent, blobs?: readonly Blob[]) => Promise<void>;

/** How an episode ended, and the blobs its outcome names that are not stored yet. */
export interface EpisodeEnd {
  readonly outcome: Outcome;
  readonly blobs: readonly Blob[];
}

/** A round on record. */
export type RoundEnded = Extract<RunEvent, { type: "round-ended" }>;

/** Where an episode's next round begins. `log`: the renderer's context log. */
export interface RoundStart<S> extends NotebookState {
  readonly log: S;
  /** The verdict on it; absent where it is not known, as of a notebook that was changed since. */
  readonly score?: Score | undefined;
}

/** What every episode of a run is played with. */
export interface EpisodeParts<S> {
  readonly task: Task;
  readonly kernels: KernelPool;
  readonly verifier: Verifier;
  /** All tools of the run, in the order in which the model is shown them. */
  readonly tools: readonly Tool[];
  /** How much the model is asked to handle. */
  readonly harness: Harness;
  readonly model: LanguageModel;
  readonly renderer: Renderer<S>;
  readonly blobs: BlobReader;
  /** Rounds that an episode plays where its proposal does not say, 1 or more. */
  readonly rounds: number;
  readonly inputFor: (notebook: Notebook) => RenderInput;
  /** The user's own traits of a branch. */
  readonly descriptors?: DescriptorFunction | undefined;
  /** Default: every call is carried out. */
  readonly policy?: ActionPolicy | undefined;
  /** For what a policy wants to be asked; without it, that is denied. */
  readonly askPerson?: AskPerson | undefined;
}

/** `best`: the branch that would be reported as the best. `all`: every branch, best first. */
export type ReproduceMode = "best" | "all" | "none";

export interface EvolveParts<P> {
  readonly strategy: Strategy<P>;
  readonly journal: Journal;
  /** The first event, for a journal that is still empty. */
  readonly playFounder: () => Promise<{ readonly event: RunEvent; readonly blobs: readonly Blob[] }>;
  /** Carries one proposal out. A failed episode is an outcome; what it throws stops the run. */
  playEpisode(
    proposal: Proposal,
    run: Run<P>,
    record: RecordEvent,
    signal: AbortSignal,
    budget: TurnBudget,
  ): Promise<EpisodeEnd>;
  /** Names of models that compete for proposals. Default none: there is one model. */
  readonly models?: readonly string[] | undefined;
  /** Commands that people send to the run while it goes on. Default: none are heard. */
  readonly inbox?: Inbox | undefined;
  /** Runs a branch's notebook again and judges it; what it throws stops the run. Default: no branch is reproduced. */
  readonly reproduce?: ((branch: Branch, signal: AbortSignal) => Promise<Reproduction>) | undefined;
  /** Sees every event once it is durable; `past`: of an earlier session. Must not throw. */
  readonly observe?: ((run: Run<P>, event: RunEvent, past: boolean) => void) | undefined;
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
  /** Rounds that an episode plays where its move does not say. Default 1. */
  readonly rounds?: number | undefined;
  /** Which branches are reproduced, where there is a way. Default `best`. */
  readonly reproduce?: ReproduceMode | undefined;
  readonly signal: AbortSignal;
}
