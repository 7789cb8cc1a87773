export {
  NotebookEnvironment,
  type EnvironmentParts,
  type EnvironmentState,
  type Start,
  type StepOptions,
} from "./environment.ts";
export { descriptionOf } from "./description.ts";
export { judge, type Verdict } from "./judge.ts";
export { runNotebook, type ExecutedCell, type NotebookRun } from "./run-notebook.ts";
