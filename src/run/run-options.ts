// Owns: what a caller says of a run and gets of one under way, and the kinds that its options are checked by.
import type { Run } from "../core/run/run.ts";
import {
  either,
  manyOf,
  MODEL_OPTION,
  objectOf,
  oneOf,
  OPTION,
  partOf,
  TASK_OPTION,
  type OptionKinds,
} from "../core/options.ts";
import { RENDERER, STRATEGY } from "../core/part-kinds.ts";
import { TOOLS_OPTION } from "../environment/tools/index.ts";
import { REMOTE_OPTIONS, type RemoteOptions } from "../kernels/remote/remote-address.ts";
import { LIMIT_OPTIONS, type KernelLimits } from "../machine/sandbox/limits.ts";
import { SANDBOX_OPTIONS, type SandboxOptions } from "../machine/sandbox/sandbox.ts";
import type { Budget } from "../loop/budget.ts";
import type { EvolveOptions, ReproduceMode } from "../loop/types.ts";
import type {
  ActionPolicy,
  AskPerson,
  DescriptorFunction,
  Harness,
  Json,
  LanguageModel,
  Pricing,
  ProposalId,
  Renderer,
  Strategy,
  Task,
  Tool,
} from "../contracts/index.ts";
import type { RunBranch, TargetWord } from "../history/index.ts";
import type { AtWork, Reproducing } from "../loop/at-work.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { RunListeners } from "./listeners.ts";
import type { RunResult } from "./result.ts";
import type { ServedPage, ServeOptions } from "../server/serve-runs.ts";

/** Limits besides proposals and the task's target. */
export type RunLimits = Omit<Budget, "proposals" | "targetFitness">;

/** What a run is started or resumed with. What is absent has the default; when resuming, mostly what it was. */
export interface RunOptions extends SandboxOptions {
  /** A task, the path of a task notebook, or a benchmark's name. Not needed to resume `dir`. */
  readonly task?: Task | string | undefined;
  readonly model: LanguageModel;
  /** Or a function that makes it for the task. Default: `tournament()`; when resuming, what it was. */
  readonly strategy?: Strategy | ((task: Task) => Strategy | Promise<Strategy>) | undefined;
  /** Default: `logStructured()`; when resuming, what it was. */
  readonly renderer?: Renderer | undefined;
  /**
   * What the model may do besides the notebook's own tools; one with the name of an own tool takes its place. Default none;
   * when resuming, those that it had from files. Others must be given again by the same names.
   */
  readonly tools?: readonly Tool[] | undefined;
  /**
   * How much the model is asked to handle. `full`: every tool, and phases of their own for planning and cleaning up. `lean`:
   * few tools, and the rest is done for it. Default `auto`: what the model's profile says; when resuming, what it was.
   */
  readonly harness?: Harness | "auto" | undefined;
  /** What the model's prompt cache costs, for the renderer. Default: the model's own, else by its name. */
  readonly pricing?: Pricing | undefined;
  /** The run directory; one with a run in it is resumed. Default: `runs/<task>-<time>`. */
  readonly dir?: string | undefined;
  /** Total of the run, earlier sessions included; 1 or more. Default 20; when resuming, what it was. */
  readonly proposals?: number | undefined;
  /** More limits of the run, in any combination; when resuming, they change what was said before. */
  readonly budget?: RunLimits | undefined;
  /**
   * The run stops once a score reaches this, in the task's own direction; `best-known`: the task's best known score; null: it
   * does not. Default: what the task says; when resuming, what it was.
   */
  readonly target?: TargetWord | undefined;
  /** Episodes at a time, 1 or more. Default 2. */
  readonly parallel?: number | undefined;
  /** Rounds an episode, 1 or more. Default 1. */
  readonly rounds?: number | undefined;
  /** A whole number of 0 to 2^32 - 1. Default: drawn, and kept in the journal. */
  readonly seed?: number | undefined;
  /** Default `as-finished`; `as-proposed` makes a seed reproduce its population. */
  readonly order?: EvolveOptions["order"] | undefined;
  /**
   * Which branches are run top to bottom in a fresh kernel and judged again, beside the run: a score that does not
   * survive cannot be the best. Default `best`; when resuming, what it was.
   */
  readonly reproduce?: ReproduceMode | undefined;
  /** Overrides of the task's parameters; with a task given by path or name. */
  readonly parameters?: Readonly<Record<string, Json>> | undefined;
  /** Children's kernels are forked from their parents'. Default: where it can be had (Linux); else they are replayed. */
  readonly fork?: boolean | undefined;
  /** For the frozen kernels that children are forked from, all together. Default: a quarter of the machine's, 8 GB at most. */
  readonly kernelMemoryBytes?: number | undefined;
  /**
   * Goes on with a run in `dir` that this installation did not make although no sandbox is around its cells. Default false.
   */
  readonly trust?: boolean | undefined;
  /** How the caller made its parts: kept in the journal for a later resume. Never a secret. */
  readonly origin?: Readonly<Record<string, Json>> | undefined;
  /** Kernels on a Jupyter server that runs already, here or elsewhere, in place of a boxed one of the run's own. */
  readonly server?: RemoteOptions | undefined;
  /**
   * Packages besides those that nbevolve brings, which cells and verifier may import: `pandas`, `scikit-learn>=1.5`. Installed
   * once, from wheels, into an environment of their own; the journal keeps their exact versions. What the task asks for is
   * installed when it is named here. Default none; when resuming, what it was.
   */
  readonly packages?: readonly string[] | undefined;
  /** What one kernel in a sandbox may use, together with the processes that it starts. */
  readonly limits?: Partial<KernelLimits> | undefined;
  /**
   * Traits of a branch besides those that every notebook has: axes of niches for a task's `descriptors` or a strategy's
   * `axes`. Not kept in the journal: give it again when resuming.
   */
  readonly descriptors?: DescriptorFunction | undefined;
  /** Sees every tool call of the model before it is carried out, and may refuse it. Default: all are allowed. */
  readonly policy?: ActionPolicy | undefined;
  /** Asks a person, where the policy says `ask`; without it such a call is denied. */
  readonly askPerson?: AskPerson | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Lines for people: the Python environment being made, the server starting. */
  readonly progress?: ((line: string) => void) | undefined;
}

export const STRATEGY_OPTION = partOf(STRATEGY, "such as `tournament()` gives");
/** What has a range of its own is checked with the settings of the run. */
export const RUN_OPTIONS: OptionKinds<RunOptions> = {
  ...SANDBOX_OPTIONS,
  task: either(OPTION.text, TASK_OPTION),
  model: MODEL_OPTION,
  strategy: either(STRATEGY_OPTION, OPTION.callback),
  renderer: partOf(RENDERER, "such as `logStructured()` gives"),
  tools: TOOLS_OPTION,
  pricing: OPTION.record,
  dir: OPTION.text,
  proposals: OPTION.any,
  target: OPTION.any,
  budget: OPTION.record,
  parallel: OPTION.any,
  rounds: OPTION.any,
  seed: OPTION.any,
  order: OPTION.any,
  reproduce: OPTION.any,
  harness: oneOf("full", "lean", "auto"),
  parameters: OPTION.record,
  fork: OPTION.flag,
  kernelMemoryBytes: OPTION.positive,
  trust: OPTION.flag,
  origin: OPTION.record,
  server: objectOf(REMOTE_OPTIONS, ["url"]),
  limits: objectOf(LIMIT_OPTIONS),
  packages: manyOf(OPTION.text, "packages"),
  descriptors: OPTION.callback,
  policy: OPTION.callback,
  askPerson: OPTION.callback,
  signal: OPTION.signal,
  progress: OPTION.callback,
};

/** A run under way. */
export interface RunHandle {
  /** The run directory, absolute. */
  readonly dir: string;
  /** What is known so far; null until the founder is scored. */
  readonly state: Run | null;
  /** The best branch so far; null until the founder is scored. */
  readonly best: RunBranch | null;
  /** The task as the journal has it; null until it is known. */
  readonly task: Task | null;
  /** What this session goes by; null until it is known. */
  readonly budget: Budget | null;
  /** Seconds that the budget counts: since everything is open that episodes need. 0 until then. */
  readonly budgetSeconds: number;
  /**
   * What earlier sessions left: this one did the rest. Null for a new run, and right after `startRun` until the run in `dir` is
   * read; final once `events()` gives its first.
   */
  readonly before: Run | null;
  /** What each open episode is at, at this moment; nothing of it is kept. Absent between two things that take time. */
  readonly atWork: ReadonlyMap<ProposalId, AtWork>;
  /** The branch whose notebook is being run again in a fresh kernel; null for none. */
  readonly reproducing: Reproducing | null;
  /** Every event of the run from its first, then live; ends with this session. Each call is a stream of its own. */
  events(): AsyncIterable<StreamEvent>;
  /**
   * Calls `listener` with each event of this name that this session makes from now on, once it is durable; for `best`, whenever
   * another branch becomes the best. Gives a function that takes the listener away. The run does not wait for what a listener
   * promises. One that throws or rejects interrupts the run, and `done` rejects with RunError `listener-failed`; one that
   * rejects after `done` has settled does so as any error that nobody catches. @throws RunError `bad-option` for a name that
   * no event has.
   */
  on<N extends keyof RunListeners>(name: N, listener: (told: RunListeners[N]) => unknown): () => void;
  /**
   * Serves the run's page, which shows it as it goes and lets people steer it, until what is given is disposed of. It does not
   * end with the run. @throws RunError `bad-option` where the port cannot be had.
   */
  ui(options?: ServeOptions): Promise<ServedPage>;
  /** @throws RunError; the signal's reason when aborted. Either way the run can be resumed. */
  readonly done: Promise<RunResult>;
  /** Interrupts what is running, keeps everything, and settles `done` with what there is. */
  stop(): Promise<RunResult>;
}
