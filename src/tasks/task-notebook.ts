// Owns: a task's notebook as a Task. Everything that can be seen without a kernel is checked here, all at once.
import { loadNotebook } from "../core/notebook/load-notebook.ts";
import type { Notebook, Task, VerifierSource } from "../contracts/index.ts";
import { founderNotebook } from "./founder-notebook.ts";
import { directionProblems } from "./problem-direction.ts";
import { badTask, type Checked } from "./problems.ts";
import { codeOf, taskCells, type TaskCell } from "./task-cells.ts";
import { applyParameters, type Parameters } from "./task-parameters.ts";
import { readSettings } from "./task-settings.ts";
import { verifierSource } from "./verifier-source.ts";

export interface TaskOptions {
  /** The task's name unless its notebook says another; also for messages. */
  readonly name: string;
  /** Values in place of the notebook's own parameters. */
  readonly parameters?: Parameters;
}

/**
 * The task that a notebook describes. Strict JSON: it survives `JSON.stringify` unchanged.
 * @throws RunError `bad-task` with every problem: the cell, the reason, the remedy.
 */
export function taskFromNotebook(notebook: Notebook, options: TaskOptions): Task {
  const tidy = loadNotebook(notebook, options.name);
  const settings = readSettings(tidy.metadata);
  const cells = taskCells(tidy);
  const parameters = applyParameters(cells.value, options.parameters ?? {});
  const founder = founderNotebook(tidy.metadata, cells.value, parameters.value.injected);
  const before = parameterSources(cells.value, parameters.value.injected);
  const [verifier, holdout] = (["verifier", "holdout"] as const).map((role) =>
    judge(cells.value, role, before),
  );
  const { direction } = settings.value;
  const problems = [
    ...[settings, cells, parameters, verifier, holdout].flatMap((part) => part?.problems ?? []),
    ...directionProblems(cells.value, direction, tidy.metadata.nbevolve?.["direction"] === undefined),
  ];
  if (problems.length > 0 || !verifier?.value) throw badTask(options.name, problems);
  const { name, ...rest } = settings.value;
  return {
    name: name ?? options.name,
    statement: cells.value.find((cell) => cell.role === "statement")?.cell.source ?? "",
    ...rest,
    founder: founder.notebook,
    places: founder.places,
    verifier: verifier.value,
    holdout: holdout?.value ?? null,
    parameters: parameters.value.values,
  };
}

function parameterSources(cells: readonly TaskCell[], injected: string | null): readonly string[] {
  const own = codeOf(cells, "parameters").map(({ cell }) => cell.source);
  const before = codeOf(cells, "injected-parameters").map(({ cell }) => cell.source);
  return injected === null ? [...own, ...before] : [...own, injected];
}

function judge(
  cells: readonly TaskCell[],
  role: "verifier" | "holdout",
  before: readonly string[],
): Checked<VerifierSource | null> {
  const [code] = codeOf(cells, role);
  return code === undefined ? { value: null, problems: [] } : verifierSource(code, before);
}
