// Owns: a task's notebook as a Task. Everything that can be seen without a kernel is checked here, all at once.
import { loadNotebook } from "../core/notebook/load-notebook.ts";
import type { Notebook, Task, VerifierSource, Direction } from "../contracts/index.ts";
import { founderNotebook } from "./founder-notebook.ts";
import { badTask, type Checked } from "./problems.ts";
import { codeOf, taskCells, type TaskCell, type TaskCode } from "./task-cells.ts";
import { applyParameters, type Parameters } from "./task-parameters.ts";
import { readSettings } from "./task-settings.ts";
import { methodsOf, bindingOf } from "./python-source.ts";

/** What a task is made with besides its notebook. */
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
    verifierOf(cells.value, role, before),
  );
  const { direction } = settings.value;
  const problems = [
    ...[settings, cells, parameters, verifier, holdout].flatMap((part) => part?.problems ?? []),
    ...needsProblems(settings.value.needs?.read ?? [], parameters.value.values),
    ...directionProblems(cells.value, direction, tidy.metadata.nbevolve?.["direction"] === undefined),
  ];
  if (problems.length > 0 || !verifier?.value) throw badTask(options.name, problems);
  const { name, bestKnown, ...rest } = settings.value;
  return {
    name: name ?? options.name,
    statement: cells.value.find((cell) => cell.role === "statement")?.cell.source ?? "",
    ...rest,
    // With other parameters it is another problem.
    ...(bestKnown !== undefined && parameters.value.injected === null && { bestKnown }),
    founder: founder.notebook,
    places: founder.places,
    verifier: verifier.value,
    holdout: holdout?.value ?? null,
    parameters: parameters.value.values,
  };
}

/** What is read is named by parameters, so that its place is the user's to say. */
function needsProblems(read: readonly string[], parameters: Parameters): readonly string[] {
  return read
    .filter((name) => typeof parameters[name] !== "string")
    .map(
      (name) =>
        `notebook metadata nbevolve.needs.read: "${name}" is no parameter with a path; assign one in the cell tagged "parameters"`,
    );
}

/** Source of one cell of a verifier's module, and what messages call the cell. */
interface SourcePart {
  readonly of: string;
  readonly source: string;
}

function parameterSources(cells: readonly TaskCell[], injected: string | null): readonly SourcePart[] {
  const own = codeOf(cells, "parameters").map(({ cell }) => cell.source);
  const before = codeOf(cells, "injected-parameters").map(({ cell }) => cell.source);
  return [
    ...own.map((source) => ({ of: "parameters", source })),
    ...(injected === null ? before : [injected]).map((source) => ({ of: "overridden parameters", source })),
  ];
}

function verifierOf(
  cells: readonly TaskCell[],
  role: "verifier" | "holdout",
  before: readonly SourcePart[],
): Checked<VerifierSource | null> {
  const [code] = codeOf(cells, role);
  return code === undefined ? { value: null, problems: [] } : verifierSource(code, before);
}

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

/** The module of one verifier cell: the sources before it (parameters) come first, so that it knows their names. */
function verifierSource(code: TaskCode, before: readonly SourcePart[]): Checked<VerifierSource> {
  return {
    value: {
      ...joinParts([...before, { of: code.role, source: code.cell.source }]),
      cell: code.place.replace(/^cell /, ""),
    },
    problems: verifyProblems(code),
  };
}

function verifyProblems({ cell, place }: TaskCode): readonly string[] {
  const verify = bindingOf("verify", cell.source);
  if (verify.kind === "none")
    return [`${place}: does not define verify; write "def verify(submission):" at its top level`];
  if (verify.kind === "async") return [`${place}: verify is async; make it a plain function`];
  if (verify.fits) return [];
  return [`${place}: verify cannot be called with the submission alone; write "def verify(submission):"`];
}

const FUTURE = /^from[ \t]+__future__[ \t]+import[ \t].*$/;
const linesOf = (source: string): readonly string[] => source.split(/\r\n|\r|\n/);

/** Python wants `from __future__` first, wherever in the parts it stood; an empty line keeps its place. */
function joinParts(parts: readonly SourcePart[]): Pick<VerifierSource, "source" | "lines"> {
  const split = parts.map(({ of, source }) => ({ of, texts: linesOf(source) }));
  const future = split.flatMap(({ of, texts }) =>
    texts.flatMap((text, i) => (FUTURE.test(text) ? [{ of, text, line: i + 1 }] : [])),
  );
  const rest = split.map(({ of, texts }) => ({
    ...{ of, line: 1 },
    text: texts
      .map((text) => (FUTURE.test(text) ? "" : text))
      .join("\n")
      .trimEnd(),
  }));
  const isNew = ({ text }: { readonly text: string }, at: number) =>
    future.findIndex((one) => one.text === text) === at;
  const joined = [...future.filter(isNew), ...rest].filter(({ text }) => text.trim() !== "");
  let from = 1;
  const lines = joined.map(({ of, text, line }) => {
    const start = { from, of, line };
    from += linesOf(text).length + 1;
    return start;
  });
  return { source: `${joined.map(({ text }) => text).join("\n\n")}\n`, lines };
}
