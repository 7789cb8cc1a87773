// Owns: what somebody who starts a run should know about it beforehand, in lines.
import { isCode } from "../core/notebook/notebook.ts";
import { namesIn } from "../core/python/python-names.ts";
import type { LanguageModel, Task } from "../contracts/index.ts";

/** The goal; and, for the offline model, that it can only guess where it is told nothing about the problem. */
export function startNotes(task: Task, model: LanguageModel): readonly string[] {
  const target = task.target === null ? "" : `, until it reaches ${task.target}`;
  const goal = `${task.name}: ${task.direction} the score${target}`;
  if (model.name !== "offline" || declaresProblem(task)) return [goal];
  return [
    goal,
    "The offline model can only change this task's numbers at random: its setup declares no `problem`. " +
      "docs/guides/searchable-problems.md tells how; or give a language model with --model.",
  ];
}

function declaresProblem({ founder }: Task): boolean {
  return founder.cells.some((cell) => isCode(cell) && namesIn(cell.source).defines.includes("problem"));
}
