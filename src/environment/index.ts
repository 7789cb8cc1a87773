export {
  NotebookEnvironment,
  type EnvironmentParts,
  type EnvironmentState,
  type Start,
} from "./environment.ts";
export { judge } from "./judge.ts";
