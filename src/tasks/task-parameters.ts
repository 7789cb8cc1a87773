// Owns: a task's parameters and how values from outside replace them (papermill's convention).
import type { Json } from "../contracts/index.ts";
import { didYouMean } from "../core/nearest-word.ts";
import { type Checked } from "./problems.ts";
import { toPython } from "../core/python/python-literal.ts";
import { type Assignment, assignmentsIn } from "./python-source.ts";
import { codeOf, type TaskCell } from "./task-cells.ts";

export type Parameters = Readonly<Record<string, Json>>;

export interface TaskParameters {
  /** Every parameter whose value is a literal, after overriding. */
  readonly values: Parameters;
  /** Source of the cell that goes after the parameters; null when nothing is overridden. */
  readonly injected: string | null;
}

/** The parameters with `overrides`; an override that names none of them is a problem. */
export function applyParameters(cells: readonly TaskCell[], overrides: Parameters): Checked<TaskParameters> {
  const names = Object.keys(overrides);
  const own = codeOf(cells, "parameters").flatMap(({ cell }) => assignmentsIn(cell.source));
  const before = names.length > 0 ? [] : codeOf(cells, "injected-parameters");
  const injectedBefore = before.flatMap(({ cell }) => assignmentsIn(cell.source));
  const known = own.map((assignment) => assignment.name);
  return {
    value: {
      values: { ...literalValues([...own, ...injectedBefore]), ...overrides },
      injected: names.length === 0 ? null : injectedSource(own, overrides),
    },
    problems: names.filter((name) => !known.includes(name)).map((name) => unknownParameter(name, known)),
  };
}

/** Lines of Python that assign the values. */
export function assignmentLines(values: Parameters, floats: readonly string[] = []): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `${name} = ${toPython(value, floats.includes(name))}`,
  );
  return lines.join("\n");
}

function literalValues(assignments: readonly Assignment[]): Parameters {
  const known = assignments.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(known);
}

/** A parameter whose default is a float stays one: `x = 1` would be an int. */
function injectedSource(own: readonly Assignment[], overrides: Parameters): string {
  const floats = own.filter((assignment) => assignment.isFloat).map((assignment) => assignment.name);
  return `# Parameters\n${assignmentLines(overrides, floats)}`;
}

function unknownParameter(name: string, known: readonly string[]): string {
  if (known.length === 0)
    return `parameter "${name}": the task has no parameters; assign it in a code cell tagged "parameters"`;
  return `parameter "${name}": unknown${didYouMean(name, known)}; known: ${known.join(", ")}`;
}
