// Owns: what `import ... from "nbevolve/benchmarks"` gives: the benchmark tasks by name.
import { loadTask } from "../src/tasks/load-task.ts";
import type { Json, Task } from "../src/spec/index.ts";

/** The names of the benchmarks, as `nbevolve run` takes them. */
export const BENCHMARKS = ["circles-square-26"] as const;

/** A benchmark's task. @throws RunError `bad-task` for an unknown name or a wrong parameter. */
export function benchmark(
  name: (typeof BENCHMARKS)[number],
  parameters: Readonly<Record<string, Json>> = {},
): Promise<Task> {
  return loadTask(name, { parameters });
}
