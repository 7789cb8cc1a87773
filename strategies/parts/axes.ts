// Owns: the axes of the space of behaviour, and a branch's place on them.
import type { Branch, DescriptorSpec } from "../../src/contracts/index.ts";
import { refuse } from "./options.ts";

/** A metric of the verifier or a trait of the notebook (`notebook.cells`, ...), its range and its bins. */
export type Axis = DescriptorSpec;

/** A branch's value on each axis; one that was not measured counts as the range's lower end. */
export function coordinates(axes: readonly Axis[], branch: Branch): readonly number[] {
  return axes.map(({ metric, min }) => branch.score.metrics[metric] ?? branch.traits?.[metric] ?? min);
}

/** The axes as settings. @throws RunError `bad-option` for a range or a number of bins that is none. */
export function checkAxes(strategy: string, axes: readonly Axis[]): readonly Axis[] {
  for (const { metric, min, max, bins } of axes) {
    if (!(Number.isFinite(min) && Number.isFinite(max) && min < max))
      refuse(strategy, `the range of "${metric}"`, [min, max], "two finite numbers, the lower first");
    if (!Number.isInteger(bins) || bins < 1)
      refuse(strategy, `the bins of "${metric}"`, bins, "a whole number of 1 or more");
  }
  return axes.map(({ metric, min, max, bins }) => ({ metric, min, max, bins }));
}

/** Axes that any notebook has, for a task that names no descriptors. */
export const notebookAxes: readonly Axis[] = [
  { metric: "notebook.lines", min: 0, max: 400, bins: 8 },
  { metric: "notebook.families", min: 0, max: 8, bins: 8 },
];
