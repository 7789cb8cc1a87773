// Owns: whether the `problem` that a task declares for searchers points where the task does. Never runs it.
import type { Direction } from "../contracts/index.ts";
import type { TaskCell } from "./task-cells.ts";
import { methodsOf } from "./python-top-level.ts";

/**
 * A sentence for a class called `problem` that only has the other objective: a search would go the wrong way, and
 * every score would look like a poor one. What cannot be read off the source is not judged.
 */
export function directionProblems(
  cells: readonly TaskCell[],
  direction: Direction,
  isDefault: boolean,
): readonly string[] {
  const other: Direction = direction === "maximize" ? "minimize" : "maximize";
  return cells.flatMap(({ cell, place }) => {
    const methods = cell.cell_type === "code" ? methodsOf("problem", cell.source) : [];
    if (!methods.includes(other) || methods.includes(direction)) return [];
    const said = isDefault ? `${direction}, the default` : direction;
    return [
      `${place}: problem.${other} disagrees with the task's direction, which is ${said}: a search would go the wrong ` +
        `way; set nbevolve.direction in the notebook's metadata to "${other}", or define problem.${direction}`,
    ];
  });
}
