// Owns: a task written in TypeScript. It becomes a task notebook first, so that the same rules hold.
import { checkOptions, either, manyOf, OPTION, type OptionKinds } from "../core/options.ts";
import { codeCell, emptyNotebook, markdownCell } from "../core/notebook/notebook.ts";
import type {
  Cell,
  DescriptorSpec,
  Direction,
  Json,
  Limits,
  Notebook,
  Task,
  TaskNeeds,
} from "../contracts/index.ts";
import { badTask } from "./problems.ts";
import type { TaskTag } from "./task-cells.ts";
import { taskFromNotebook } from "./task-notebook.ts";
import { assignmentLines, type Parameters } from "./task-parameters.ts";

/** A task as it is written in TypeScript. */
export interface TaskDefinition {
  /** Default "task". */
  readonly name?: string;
  /** Markdown: what is to be found. */
  readonly statement: string;
  /** Python that defines `verify(submission)`. */
  readonly verifier: string;
  /** Python of the first notebook, a string a cell. */
  readonly founder: string | readonly string[];
  /** Python run in every kernel and seen by the model, a string a cell. */
  readonly setup?: string | readonly string[];
  /** A second verifier, only for reports. */
  readonly holdout?: string;
  /** Names that setup, founder and verifiers may use. */
  readonly parameters?: Parameters;
  /** Default "maximize". */
  readonly direction?: Direction;
  /** A Python expression; default "submission". */
  readonly submission?: string;
  readonly limits?: Partial<Limits>;
  readonly descriptors?: readonly DescriptorSpec[];
  readonly target?: number;
  /** What only the user can hand in: names of variables, and of parameters with paths. */
  readonly needs?: Partial<TaskNeeds>;
  /** Packages besides those that nbevolve brings: `pandas`, `scikit-learn>=1.5`. Its user has them installed. Default none. */
  readonly packages?: readonly string[];
}

const CELLS = either(OPTION.words, manyOf(OPTION.words, "cells"));
const DEFINITION: OptionKinds<TaskDefinition> = {
  name: OPTION.words,
  statement: OPTION.words,
  verifier: OPTION.words,
  founder: CELLS,
  setup: CELLS,
  holdout: OPTION.words,
  parameters: OPTION.record,
  direction: OPTION.any,
  submission: OPTION.words,
  limits: OPTION.record,
  descriptors: OPTION.any,
  target: OPTION.any,
  needs: OPTION.record,
  packages: manyOf(OPTION.text, "packages"),
};

/** @throws RunError `bad-task` with every problem; `bad-option` for what no task is defined by. */
export function defineTask(definition: TaskDefinition): Task {
  checkOptions("defineTask", definition, DEFINITION, ["statement", "verifier", "founder"]);
  const name = definition.name ?? "task";
  const odd = Object.keys(definition.parameters ?? {}).filter(
    (key) => !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(key),
  );
  if (odd.length > 0)
    throw badTask(
      name,
      odd.map((key) => `parameter "${key}": is no Python name; use letters, digits and _`),
    );
  return taskFromNotebook(taskNotebook(definition), { name });
}

/** The notebook that would be loaded as the same task. */
function taskNotebook(definition: TaskDefinition): Notebook {
  const { statement, parameters, setup, founder, verifier, holdout } = definition;
  const { direction, submission, limits, descriptors, target, name, needs, packages } = definition;
  const settings = { direction, submission, limits, descriptors, target, name, needs, packages };
  const said = Object.entries(settings).filter(([, value]) => value !== undefined);
  const cells: readonly Cell[] = [
    markdownCell("statement", statement, { role: "task", round: 0 }),
    ...(parameters === undefined ? [] : [taggedCell("parameters", assignmentLines(parameters))]),
    ...listOf(setup).map((source) => taggedCell("setup", source)),
    ...listOf(founder).map((source) => taggedCell(null, source)),
    taggedCell("verifier", verifier),
    ...(holdout === undefined ? [] : [taggedCell("holdout", holdout)]),
  ];
  const nbevolve: Readonly<Record<string, Json>> = JSON.parse(JSON.stringify(Object.fromEntries(said)));
  const notebook = emptyNotebook();
  return {
    ...notebook,
    metadata: { ...notebook.metadata, nbevolve },
    cells: cells.map((cell, i) => ({ ...cell, id: `c${i + 1}` })),
  };
}

function taggedCell(tag: TaskTag | null, source: string): Cell {
  const cell = codeCell("new", source, { role: "code", round: 0 });
  return tag === null ? cell : { ...cell, metadata: { ...cell.metadata, tags: [tag] } };
}

function listOf(sources: string | readonly string[] | undefined): readonly string[] {
  return typeof sources === "string" ? [sources] : (sources ?? []);
}
