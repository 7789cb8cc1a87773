// Owns: what `import ... from "nbevolve"` gives. Explicit names only.
export type * from "./contracts/index.ts";
export { KernelLost, ModelError, RunError, type RunErrorCode } from "./core/errors.ts";
export { parseNotebook } from "./core/notebook/load-notebook.ts";
export { stringifyNotebook } from "./core/notebook/save-notebook.ts";
export {
  bestOf,
  branchesInOrder,
  findBranch,
  followHistory,
  lineage,
  readHistory,
  readSteps,
  reduceHistory,
  scoreCourse,
  type ActiveNote,
  type EndedEpisode,
  type FollowOptions,
  type GivenNote,
  type History,
  type HistorySource,
  type HistoryStep,
  type KnownTurn,
  type ModelTrial,
  type OpenEpisode,
  type ReadOptions,
  type RoundScore,
  type ScorePoint,
} from "./history/index.ts";
export {
  NotebookEnvironment,
  openEnvironment,
  type ClosedRound,
  type EnvironmentOptions,
  type EnvironmentParts,
  type EnvironmentState,
  type EpisodeStart,
  type StepOptions,
  type TurnReply,
  type Verdict,
} from "./environment/index.ts";
export { jupyterKernels } from "./kernels/kernel-pool.ts";
export type { JupyterKernelsOptions } from "./kernels/kernel-options.ts";
export { findPython, type PythonEnvironment } from "./machine/python/find-python.ts";
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
  type FailureKind,
  type ModelCheck,
  type ModelNotice,
  type ModelProfile,
  type OpenAIOptions,
} from "./models/index.ts";
export {
  injectNotebook,
  pauseRun,
  steerRun,
  stopRun,
  unpauseRun,
  type Sent,
  type SteerOptions,
} from "./run/control.ts";
export { recordedRun, type RecordedRunOptions } from "./run/checks/recorded-run.ts";
export { reExecuteRun, type ReExecuteOptions } from "./run/checks/re-execute.ts";
export type { ReExecuted } from "./run/checks/re-execute.ts";
export type { RunResult } from "./run/result.ts";
export type { Run } from "./core/run/run.ts";
export type { RunHandle, RunLimits, RunOptions } from "./run/run-options.ts";
export { openRuntime, type Runtime, type RuntimeOptions } from "./run/runtime.ts";
export { startRun } from "./run/start-run.ts";
export { verifyFile, type Verified } from "./run/checks/verify.ts";
export { openRunStore, type RunStore } from "./store/index.ts";
export { defineTask, type TaskDefinition } from "./tasks/define-task.ts";
export { loadTask } from "./tasks/load-task.ts";
export { taskFromNotebook } from "./tasks/task-notebook.ts";
export { notebookTools } from "./environment/tools/index.ts";
export { defineTool } from "./environment/tools/define-tool.ts";
export { pythonVerifier } from "./verifiers/python-verifier.ts";
