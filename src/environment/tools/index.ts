// Owns: the list of a run's tools, in the fixed order in which every call sends them.
import { RunError } from "../../core/errors.ts";
import { recordOf } from "../../core/untrusted.ts";
import { manyOf } from "../../core/options.ts";
import { findPartFault, isPart, TOOL } from "../../core/part-kinds.ts";
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

/** Whether a model can be told to read what a view leaves out. */
export function hasRead(tools: readonly Pick<Tool, "name">[]): boolean {
  return tools.some(({ name }) => name === read.name);
}

/** What a model sees of a tool. */
export function specOf({ name, description, parameters, closesRound, codeParameter }: Tool): ToolSpec {
  return { name, description, parameters, closesRound: closesRound === true || undefined, codeParameter };
}

/** Tools of users' own. */
export const TOOLS_OPTION = manyOf(
  { expected: "a tool", findFault: findToolFault },
  "tools: objects with name, description, parameters and run, as `defineTool` makes them",
);

/** Written for tools of users' own, which no compiler may have seen. */
function checkTool(tool: Tool, at: number, all: readonly Tool[]): void {
  const wrong = findToolFault(tool);
  if (wrong !== null)
    throw new RunError("bad-option", `tool ${at + 1} of \`tools\`${nameNote(tool)}: ${wrong}`);
  const first = all.findIndex(({ name }) => name === tool.name);
  if (first === at) return;
  const places = [all[first]?.place, tool.place].filter((place) => place !== undefined);
  const where = places.length === 0 ? "" : ` (${places.join(" and ")})`;
  throw new RunError(
    "bad-option",
    `\`tools\` has two tools of the name ${tool.name}${where}: give each its own name`,
  );
}

function nameNote(tool: unknown): string {
  const { name } = recordOf(tool);
  return typeof name === "string" && name !== "" ? `, ${name}` : "";
}

/** Why a value is no tool that a model can be offered; null when it is one. */
export function findToolFault(value: unknown): string | null {
  const fault = findPartFault(TOOL, value);
  if (!isPart(TOOL, value))
    return `it is no tool: ${fault}. A tool is an object with name, description, parameters (a JSON Schema) and run; defineTool makes one`;
  const tool = value;
  if (!/^[\w-]{1,64}$/.test(tool.name))
    return `its name is ${JSON.stringify(tool.name)}; it must have 1 to 64 letters, digits, _ or -`;
  if (tool.codeParameter !== undefined && !takesText(tool.parameters, tool.codeParameter))
    return `${tool.name} says that code goes into ${JSON.stringify(tool.codeParameter)}, which is no string among its parameters`;
  return null;
}

function takesText(parameters: JsonObject, name: string): boolean {
  return recordOf(recordOf(parameters["properties"])[name])["type"] === "string";
}
