// Owns: opening the environment of a task on a runtime, with the tools that its harness gives.
import { checkOptions, checkValue, oneOf, OPTION, partOf, TASK_OPTION } from "../core/options.ts";
import type { KernelPool, Task, Verifier } from "../contracts/index.ts";
import { NotebookEnvironment } from "./environment.ts";
import type { EnvironmentOptions } from "./environment-types.ts";
import { notebookTools, TOOLS_OPTION } from "./tools/index.ts";

/**
 * The environment of a task: `reset` it, then `step` it while `state().next` is not null, then `close` the round.
 * `runtime`, such as `openRuntime` gives, lends kernels and judges; it stays open when the environment is disposed of.
 * @throws RunError `bad-option` for tools that cannot go together.
 */
export function openEnvironment(
  task: Task,
  runtime: { openKernels(): Promise<KernelPool>; readonly verifier: Verifier },
  options: EnvironmentOptions = {},
): NotebookEnvironment {
  checkValue("openEnvironment: task", task, TASK_OPTION);
  checkValue("openEnvironment: runtime", runtime, RUNTIME_OPTION);
  checkOptions<EnvironmentOptions>("openEnvironment", options, {
    tools: TOOLS_OPTION,
    seesImages: OPTION.flag,
    harness: oneOf("full", "lean"),
  });
  const { verifier } = runtime;
  const { seesImages = false, harness } = options;
  const tools = notebookTools(task, options.tools, harness);
  const openKernels = runtime.openKernels.bind(runtime);
  return new NotebookEnvironment({ task, openKernels, verifier, tools, seesImages, harness });
}

const RUNTIME_OPTION = partOf<{ readonly openKernels: unknown; readonly verifier: unknown }>(
  { name: "runtime", fields: { openKernels: "function", verifier: "object" } },
  "such as `await openRuntime(task)` gives",
);
