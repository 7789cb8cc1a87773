// Owns: what other rooms take from the environment.
export {
  NotebookEnvironment,
  openEnvironment,
  type EnvironmentOptions,
  type EnvironmentParts,
} from "./environment.ts";
export type {
  ClosedRound,
  EnvironmentState,
  EpisodeStart,
  TurnOptions,
  TurnReply,
} from "./environment-types.ts";
export { describeKernel, judge, type Judgement } from "./judge.ts";
export { founderRejected, runFounder, runRoot, type ScoredRoot } from "./root.ts";
export { runNotebook } from "./run-notebook.ts";
