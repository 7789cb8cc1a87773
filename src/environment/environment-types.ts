// Owns: what goes into an environment's methods and what comes out of them. Types alone.
import type { NotebookState } from "../core/notebook/notebook.ts";
import type {
  Cell,
  Decision,
  Harness,
  JsonObject,
  KernelPool,
  ModelReply,
  Score,
  StateDescription,
  Submission,
  Task,
  Tool,
  ToolCall,
  ToolChoice,
  TurnRecord,
  Usage,
  Verifier,
} from "../contracts/index.ts";
import type { RoundState } from "./round.ts";

/** What an environment runs on. */
export interface EnvironmentParts {
  readonly task: Task;
  /** Gives the pool that kernels are leased from; asked for each lease. */
  readonly openKernels: () => Promise<KernelPool>;
  readonly verifier: Verifier;
  /** Everything that a policy may do, in the order in which a model is shown it. */
  readonly tools: readonly Tool[];
  /** Whether results carry pictures. */
  readonly seesImages: boolean;
  /** How much the policy is asked to handle. Default full. */
  readonly harness?: Harness | undefined;
}

/** How an environment plays. */
export interface EnvironmentOptions {
  /** Added to the notebook's own tools; one with the name of an own tool takes its place. Default none. */
  readonly tools?: readonly Tool[] | undefined;
  /** Whether results carry pictures. Default false. */
  readonly seesImages?: boolean | undefined;
  /** How much the policy is asked to handle: `lean` has few tools, and plans, scores and cleans up by itself. Default full. */
  readonly harness?: Harness | undefined;
}

/** Where an episode begins. */
export interface EpisodeStart {
  /** A notebook and the recipe of its kernel, such as a closed round's. Default: the task's founder, which is run and judged. */
  readonly from?: NotebookState | undefined;
  /** The verdict on the submission of `from`. Default: not known. */
  readonly score?: Score | undefined;
  /**
   * Name of the folder of the episode's files, which lies in the runtime's `workspacesDir`: one plain name, no path, and
   * another one for each episode that is open. Default `episode`.
   */
  readonly workspace?: string | undefined;
  /** Written into the notebook's metadata with each round's score: which branch it is, its parents. Default none. */
  readonly metadata?: JsonObject | undefined;
  /** Cells of another notebook: added and run in the first turn, before its calls. Default none. */
  readonly graft?: readonly Cell[] | undefined;
  /** Turns of the round that were played already (before a crash): taken as they are, not run again. Default none. */
  readonly played?: readonly TurnRecord[] | undefined;
  /** Tokens that the episode took already. Default 0. */
  readonly tokens?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One turn of a policy; a model's reply is one. */
export interface TurnReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** Why what looks like an action in the text is none; the model is told. */
  readonly unread?: string | undefined;
  readonly stop?: ModelReply["stop"] | undefined;
  /** Counted against the limit of the episode's tokens. Default: none were used. */
  readonly usage?: Pick<Usage, "inputTokens" | "outputTokens"> | undefined;
}

/** How one turn is played. */
export interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Asked before each call that could be carried out; `at` is its place among the calls, from 0. The time it takes is not
   * the round's. Default: everything is allowed.
   */
  readonly decide?: ((call: ToolCall, at: number) => Promise<Decision>) | undefined;
}

/** Where an episode is. */
export interface EnvironmentState extends RoundState {
  /**
   * What the policy is to do next: `none` is text alone (the plan of a first turn), `{ tool }` is that tool alone (a limit is
   * reached: it closes the round). Null when the round is over: `close` it.
   */
  readonly next: ToolChoice | null;
}

/** A round that is over, with all that a later episode needs to go on from it. */
export interface ClosedRound extends NotebookState {
  readonly round: number;
  readonly score: Score;
  /** What was judged; null when there was no value. */
  readonly submission: Submission | null;
  /** What the kernel's names hold; null where that cannot be said. */
  readonly description: StateDescription | null;
}
