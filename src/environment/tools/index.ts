// Owns: the list of tools, in the fixed order in which every call sends them.
import type { Task, Tool, ToolSpec } from "../../contracts/index.ts";
import { cells } from "./cells.ts";
import { editRun } from "./edit-run.ts";
import { finishRound } from "./finish-round.ts";
import { note } from "./note.ts";
import { read } from "./read.ts";
import { runCode } from "./run-code.ts";
import { run } from "./run.ts";
import { score } from "./score.ts";

/** The tools of a task's notebook, sorted by name: the list is the same in every call of a run. */
export function notebookTools(task: Pick<Task, "submission">): readonly Tool[] {
  return [cells(task.submission), editRun, finishRound(task.submission), note, read, run, runCode, score];
}

/** What a model is told about a tool. */
export function specOf({ name, description, parameters }: Tool): ToolSpec {
  return { name, description, parameters };
}
