export {
  NotebookEnvironment,
  type EnvironmentParts,
  type EnvironmentState,
  type Start,
} from "./environment.ts";
export { judge, type Verdict } from "./judge.ts";
