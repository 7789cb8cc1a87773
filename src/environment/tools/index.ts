// Owns: the list of a run's tools, in the fixed order in which every call sends them.
import { RunError } from "../../core/errors.ts";
import { recordOf } from "../../core/untrusted.ts";
import type { Harness, JsonObject, Task, Tool, ToolSpec } from "../../contracts/index.ts";
import { HARNESSES } from "../harness.ts";
import { cells } from "./cells.ts";
import { editRun } from "./edit-run.ts";
import { finishRound } from "./finish-round.ts";
import { note } from "./note.ts";
import { read } from "./read.ts";
import { runCode } from "./run-code.ts";
import { run } from "./run.ts";
import { score } from "./score.ts";

/**
 * The tools of a task's notebook that the harness gives, then `more`, in the order of use: the list is the same in every call
 * of a run. One of `more` with the name of an own tool takes its place.
 * @throws RunError `bad-option` for a tool that is none, and for two of one name.
 */
export function notebookTools(
  { submission }: Pick<Task, "submission">,
  more: readonly Tool[] = [],
  harness: Harness = "full",
): readonly Tool[] {
  const all = [runCode, editRun, run, score, read, cells(submission), note, finishRound(submission)];
  const { tools } = HARNESSES[harness];
  const own = tools === null ? all : all.filter(({ name }) => tools.includes(name));
  more.forEach(checkTool);
  const given = new Map(more.map((tool) => [tool.name, tool]));
  const others = more.filter(({ name }) => !own.some((tool) => tool.name === name));
  return [...own.map((tool) => given.get(tool.name) ?? tool), ...others];
}

/** What a model sees of a tool. */
export function specOf({ name, description, parameters, closesRound, codeParameter }: Tool): ToolSpec {
  return { name, description, parameters, closesRound: closesRound === true || undefined, codeParameter };
}

/** Written for tools of users' own, which no compiler may have seen. */
function checkTool(tool: Tool, at: number, all: readonly Tool[]): void {
  const wrong = findFault(tool);
  if (wrong !== null) throw new RunError("bad-option", `tool ${at + 1} of \`tools\`: ${wrong}`);
  if (all.findIndex(({ name }) => name === tool.name) < at)
    throw new RunError("bad-option", `\`tools\` has two tools of the name ${tool.name}: give each its own`);
}

function findFault(tool: Tool): string | null {
  if (typeof tool !== "object" || typeof tool?.run !== "function")
    return "it is no tool: make it with defineTool";
  if (typeof tool.name !== "string" || !/^[\w-]{1,64}$/.test(tool.name))
    return `its name is ${JSON.stringify(tool.name)}; it must have 1 to 64 letters, digits, _ or -`;
  if (typeof tool.description !== "string" || tool.description === "")
    return `${tool.name} has no description`;
  if (typeof tool.parameters !== "object")
    return `${tool.name} has no parameters: give a JSON Schema of an object`;
  if (tool.codeParameter !== undefined && !takesText(tool.parameters, tool.codeParameter))
    return `${tool.name} says that code goes into ${JSON.stringify(tool.codeParameter)}, which is no string among its parameters`;
  return null;
}

function takesText(parameters: JsonObject, name: string): boolean {
  return recordOf(recordOf(parameters["properties"])[name])["type"] === "string";
}
