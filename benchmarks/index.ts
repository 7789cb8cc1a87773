// Owns: what `import ... from "nbevolve/benchmarks"` gives: the benchmark tasks by name, with the values to compare with.
/**
 * The benchmarks that ship, by name.
 * @module nbevolve/benchmarks
 */
import { loadTask } from "../src/tasks/load-task.ts";
import { shippedPath } from "../src/shipped.ts";
import type { Direction, Json, Task } from "../src/contracts/index.ts";

/** A benchmark, and the scores that others reached, in its own direction. */
export interface Benchmark {
  readonly name: string;
  readonly direction: Direction;
  /** The score that the AlphaEvolve paper (2025) reports. */
  readonly published: number;
  /** The best known score that holds under an exact check; where none does, the best reported. */
  readonly bestKnown: number;
  /** Whose the best known score is, where the references of the task's statement do not say it. */
  readonly source?: string;
}

/** Every benchmark. `nbevolve run` takes these names. */
export const BENCHMARKS = [
  {
    name: "circles-square-26",
    direction: "maximize",
    published: 2.635862756,
    bestKnown: 2.6359830849176,
  },
  {
    name: "circles-square-32",
    direction: "maximize",
    published: 2.937944526,
    bestKnown: 2.9395727712063,
  },
  {
    name: "circles-rectangle-21",
    direction: "maximize",
    published: 2.365832133,
    bestKnown: 2.3658323759108,
  },
  {
    name: "heilbronn-triangle-11",
    direction: "maximize",
    published: 0.03652988988,
    bestKnown: 0.03652988988,
  },
  {
    name: "heilbronn-convex-13",
    direction: "maximize",
    published: 0.030936889,
    bestKnown: 0.0309372079,
  },
  {
    name: "heilbronn-convex-14",
    direction: "maximize",
    published: 0.027835571,
    bestKnown: 0.0278355805175,
  },
  {
    name: "distance-ratio-2d-16",
    direction: "minimize",
    published: 12.889266112,
    bestKnown: 12.889229907694,
  },
  {
    name: "distance-ratio-3d-14",
    direction: "maximize",
    published: 0.24004706,
    bestKnown: 0.24005088265,
  },
  {
    name: "hexagons-11",
    direction: "minimize",
    published: 3.930092,
    bestKnown: 3.9245008972987523,
    source: "the target of a public task family",
  },
  {
    name: "hexagons-12",
    direction: "minimize",
    published: 3.9419123,
    bestKnown: 3.941643237,
    source: "the known packing of public tables",
  },
  {
    name: "erdos-overlap",
    direction: "minimize",
    published: 0.380923035,
    bestKnown: 0.3808694472025864,
    source: "AutoEvolver's construction, 2026-03, judged by this verifier",
  },
  {
    name: "autocorrelation-1",
    direction: "minimize",
    published: 1.5031635546,
    bestKnown: 1.5028628969,
    source: "AutoEvolver's construction, 2026-03",
  },
  { name: "autocorrelation-2", direction: "maximize", published: 0.961021, bestKnown: 0.96264 },
  {
    name: "autocorrelation-3",
    direction: "minimize",
    published: 1.455643,
    bestKnown: 1.453675465595183,
    source: "SimpleTES's construction, 2026-04, judged by this verifier",
  },
  { name: "beat-the-average", direction: "maximize", published: 0.389, bestKnown: 0.400695 },
  { name: "uncertainty", direction: "minimize", published: 0.3216, bestKnown: 0.31885 },
  { name: "kissing-11", direction: "maximize", published: 593, bestKnown: 604 },
] as const satisfies readonly Benchmark[];

/** The name of a benchmark that ships. */
export type BenchmarkName = (typeof BENCHMARKS)[number]["name"];

/** Absolute path of a benchmark's notebook. */
export const benchmarkPath = (name: BenchmarkName): string =>
  shippedPath(`benchmarks/tasks/${name}/task.ipynb`);

/** A benchmark's task. @throws RunError `bad-task` for an unknown name or a wrong parameter. */
export function benchmark(
  name: BenchmarkName,
  parameters: Readonly<Record<string, Json>> = {},
): Promise<Task> {
  return loadTask(name, { parameters });
}
