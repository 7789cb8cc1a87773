/** Reading a run: its History at once or as it goes on, for reports, exporters, servers and pages. */
export { bestOf, lineage } from "../core/run/branch.ts";
export type {
  ActiveNote,
  EndedEpisode,
  EventOf,
  EventTime,
  FinishedRound,
  GivenNote,
  History,
  KnownTurn,
  ModelTrial,
  OpenEpisode,
  RoundScore,
} from "../core/run/history.ts";
export { branchesInOrder, findBranch } from "./find-branch.ts";
export { reduceHistory } from "../core/run/reduce-history.ts";
export {
  followHistory,
  readHistory,
  readSteps,
  type FollowOptions,
  type HistorySource,
  type HistoryStep,
  type ReadHistoryOptions,
  type ReadOptions,
} from "./read-history.ts";
export {
  besideBestKnown,
  bestKnownFacts,
  bestKnownOf,
  fitnessOfTarget,
  isImprovement,
  ownScore,
  showChange,
  showNumber,
  showOtherMetrics,
  standingText,
  standingWords,
  standingTo,
  targetOf,
  targetOfFitness,
  type Goal,
  type GoalStanding,
  type TargetWord,
} from "../core/run/goal.ts";
export {
  openProposals,
  readRun,
  recordOfRun,
  type FailedEpisode,
  type RunRecord,
  type RunTask,
} from "./read-run.ts";
export type { PlainSubmission } from "./plain-submission.ts";
export { runBest, runBranch, type RunBranch, type SubmissionOptions } from "./run-branch.ts";
export { totalsOf, type RefutedBranch, type RunTotals } from "./run-totals.ts";
export { scoreCourse, type ScorePoint } from "./score-course.ts";
export { chainText, watchChain, type ChainFacts, type ChainWatch, watchedJournal } from "./watch-chain.ts";
export {
  compareRuns,
  type ComparedRun,
  type Comparison,
  type RunToCompare,
  type SeedGroup,
  type SeedSpread,
} from "./compare-runs.ts";
export { spentByBranch, spentByModel, type Spent } from "../core/run/spent.ts";
