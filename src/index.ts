// Owns: what `import ... from "nbevolve"` gives. Explicit names only, grouped as a table of contents of the library.
/**
 * The library: runs, reading them, tasks, models, the environment and the contracts between all of these.
 * @module nbevolve
 */

// The contracts: tasks, notebooks, kernels, models, strategies, renderers, tools, events.
export type * from "./contracts/index.ts";

// Errors: a bad run throws a RunError; a bad branch is data.
export { KernelLost, ModelError, RunError, type RunErrorCode, type WrongWord } from "./core/errors.ts";

// Runs: start or resume one, and speak to one that goes on.
export { startRun } from "./run/start-run.ts";
export type { AtWork, CellAtWork, Reproducing, VerifierAtWork } from "./loop/at-work.ts";
export type { RunHandle, RunLimits, RunOptions } from "./run/run-options.ts";
export type { StreamEvent } from "./run/event-stream.ts";
export type { RunListeners } from "./run/listeners.ts";
export type { RunResult } from "./run/result.ts";
export type { Budget } from "./loop/budget.ts";
export type { ReproduceMode } from "./loop/types.ts";
export type { Run } from "./core/run/run.ts";
export {
  injectNotebook,
  pauseRun,
  steerRun,
  stopRun,
  unpauseRun,
  type Sent,
  type SteerOptions,
} from "./run/control.ts";

// Reading a run: its journal, and the history that the journal amounts to, at once or live.
export {
  openRunStore,
  type Link,
  type RunStore,
  type RunStoreOptions,
  type TimedEvent,
} from "./store/index.ts";
export {
  bestOf,
  branchesInOrder,
  findBranch,
  followHistory,
  lineage,
  readHistory,
  readRun,
  readSteps,
  reduceHistory,
  scoreCourse,
  bestKnownOf,
  standingTo,
  type Goal,
  type GoalStanding,
  type TargetWord,
  type ActiveNote,
  type EndedEpisode,
  type EventOf,
  type EventTime,
  type FailedEpisode,
  type FinishedRound,
  type FollowOptions,
  type GivenNote,
  type History,
  type HistorySource,
  type HistoryStep,
  type KnownTurn,
  type ModelTrial,
  type OpenEpisode,
  type ReadHistoryOptions,
  type ReadOptions,
  type RefutedBranch,
  type RoundScore,
  type PlainSubmission,
  type RunBranch,
  type SubmissionOptions,
  type RunRecord,
  type RunTask,
  type RunTotals,
  type ScorePoint,
  spentByBranch,
  spentByModel,
  type Spent,
} from "./history/index.ts";

// Checking a run or a file: judge it, play it again, or answer from a run's recorded replies.
export { serveRuns, type ServedPage, type ServeOptions } from "./server/serve-runs.ts";
export { writeReport, type ReportOptions, type WrittenReport } from "./exports/report/report.ts";
export { verifyFile, type Verified, type VerifyOptions } from "./run/checks/verify.ts";
export { reExecuteRun, type ReExecuted, type ReExecuteOptions } from "./run/checks/re-execute.ts";
export type { EpisodeDifference } from "./run/checks/compare-episodes.ts";
export { recordedRun, type RecordedRunOptions } from "./run/checks/recorded-run.ts";

// Tasks: written in TypeScript, or loaded from a notebook.
export { defineTask, type TaskDefinition } from "./tasks/define-task.ts";
export { loadTask } from "./tasks/load-task.ts";
export { taskFromNotebook, type TaskOptions } from "./tasks/task-notebook.ts";
export { parseNotebook } from "./core/notebook/load-notebook.ts";
export { stringifyNotebook } from "./core/notebook/save-notebook.ts";

// The machine: everything that a task runs on, together or part by part.
export { openRuntime, type Runtime, type RuntimeOptions } from "./run/runtime.ts";
export { findPython, type FindPythonOptions, type PythonEnvironment } from "./machine/python/find-python.ts";
export { jupyterKernels } from "./kernels/kernel-pool.ts";
export type {
  DurableOptions,
  JupyterKernelsOptions,
  KernelEvent,
  OutputLimits,
  TemplateLimits,
} from "./kernels/kernel-options.ts";
export type { RemoteOptions } from "./kernels/remote/remote-address.ts";
export type { KernelLimits } from "./machine/sandbox/limits.ts";
export type { Isolation, SandboxMode } from "./machine/sandbox/sandbox.ts";
export { pythonVerifier, type PythonVerifierOptions } from "./verifiers/python-verifier.ts";

// The environment: a notebook, its kernel and its tools as `reset`, `step` and `score`, for a trainer of one's own.
export {
  NotebookEnvironment,
  openEnvironment,
  type ClosedRound,
  type EnvironmentOptions,
  type EnvironmentParts,
  type EnvironmentState,
  type EpisodeStart,
  type JudgedState,
  type TurnOptions,
  type TurnReply,
  type Judgement,
} from "./environment/index.ts";
export type { NotebookState } from "./core/notebook/notebook.ts";
export { notebookTools } from "./environment/tools/index.ts";
export { defineTool, toolFailure, toolSuccess } from "./environment/tools/define-tool.ts";
export { runNewCell } from "./environment/tools/run-cell.ts";

// Models: endpoints, the offline model, and wrappers around both.
export {
  bandit,
  checkModel,
  ensemble,
  modelFromSpec,
  ModelFailure,
  offline,
  openai,
  profileOf,
  rateLimiter,
  withBudget,
  withRetry,
  type BudgetedModel,
  type BudgetOptions,
  type CacheRule,
  type Dialect,
  type EndpointModel,
  type EnsembleMember,
  type FailureDetails,
  type FailureKind,
  type FailureOutcome,
  type FallbackOptions,
  type Finding,
  type FirstAnswer,
  type LearntFacts,
  type ModelCheck,
  type ModelNotice,
  type ModelNoticeType,
  type ModelProfile,
  type NoticeListener,
  type OfflineOptions,
  type OpenAIOptions,
  type OwnPrice,
  type Price,
  type ProfileChanges,
  type ProtocolCheck,
  type RateLimiter,
  type RateLimits,
  type RateOutcome,
  type RateTurn,
  type ReplyFacts,
  type RetryOptions,
  type RepairKind,
  type RetryPlan,
  type SpecOptions,
  type TroubleCause,
} from "./models/index.ts";
