// Owns: what other rooms take from the environment.
export { NotebookEnvironment } from "./environment.ts";
export type {
  ClosedRound,
  EnvironmentOptions,
  EnvironmentParts,
  EnvironmentState,
  EpisodeStart,
  TurnOptions,
  TurnReply,
} from "./environment-types.ts";
export { afterTurn, beginRound, type JudgedState, type RoundState } from "./round.ts";
export { HARNESSES, type HarnessRules } from "./harness.ts";
export { openEnvironment } from "./open-environment.ts";
export { describeKernel, judge, type Judgement } from "./judge.ts";
export { describeCellEnd, founderRejected, runFounder, runRoot, type ScoredRoot } from "./root.ts";
export { runNotebook } from "./run-notebook.ts";
