// Owns: what each cell of a task's notebook is for, by its tags.
import { isCode } from "../core/notebook/notebook.ts";
import type { Cell, CodeCell, Notebook } from "../contracts/index.ts";
import { didYouMean, nearest } from "../core/nearest-word.ts";
import { type Checked } from "./problems.ts";
import { bindingOf, syntaxFault } from "./python-source.ts";

/** The tags that mean something to nbevolve, as Jupyter shows them. */
export const TASK_TAGS = ["parameters", "injected-parameters", "setup", "verifier", "holdout"] as const;
export type TaskTag = (typeof TASK_TAGS)[number];

export interface TaskCell {
  readonly cell: Cell;
  readonly role: TaskTag | "statement" | "founder";
  /** The cell in words, for messages: number, tag or role, first line. */
  readonly place: string;
}
/** A cell of code. */
export interface TaskCode extends TaskCell {
  readonly cell: CodeCell;
}

const AT_MOST_ONE: readonly TaskTag[] = ["parameters", "injected-parameters", "verifier", "holdout"];
const PLAIN_PYTHON: readonly string[] = ["parameters", "injected-parameters", "verifier", "holdout"];

/** The cells in the notebook's order; empty code cells without a tag are left out. */
export function taskCells(notebook: Notebook): Checked<readonly TaskCell[]> {
  const statement = notebook.cells.findIndex((cell) => cell.cell_type === "markdown");
  const all = notebook.cells.map((cell, i) => taskCell(cell, i, i === statement));
  const cells = all.filter(
    ({ cell, role }) => role !== "founder" || !isCode(cell) || cell.source.trim() !== "",
  );
  return {
    value: cells,
    problems: [...all.flatMap(tagProblems), ...countProblems(cells), ...cells.flatMap(syntaxProblems)],
  };
}

/** The cells of that role, in order; only code where the role is one for code. */
export function codeOf(cells: readonly TaskCell[], role: TaskCell["role"]): readonly TaskCode[] {
  return cells.filter((cell): cell is TaskCode => cell.role === role && isCode(cell.cell));
}

function tagsOf(cell: Cell): readonly string[] {
  return cell.metadata.tags ?? [];
}

function ownTags(cell: Cell): readonly TaskTag[] {
  return TASK_TAGS.filter((tag) => tagsOf(cell).includes(tag));
}

function taskCell(cell: Cell, index: number, isStatement: boolean): TaskCell {
  const role = ownTags(cell)[0] ?? (isStatement ? "statement" : "founder");
  const line = cell.source.split("\n").find((text) => text.trim() !== "") ?? "";
  const first = line.trim().slice(0, 60);
  const shown = first === "" ? "empty" : `"${first}"`;
  const part = role === "founder" ? "first solution" : role;
  return { cell, role, place: `cell ${index + 1} (${part}, ${shown})` };
}

function tagProblems({ cell, place }: TaskCell): readonly string[] {
  const own = ownTags(cell);
  const several = own.length > 1 ? [`${place}: has the tags ${own.join(" and ")}; give it one of them`] : [];
  const text =
    own.length > 0 && !isCode(cell)
      ? [
          `${place}: is tagged ${own[0]} but is a ${cell.cell_type} cell; make it a code cell or take the tag off`,
        ]
      : [];
  const misspelt = tagsOf(cell)
    .filter((tag) => nearest(tag, TASK_TAGS) !== null)
    .map((tag) => `${place}: unknown tag "${tag}"${didYouMean(tag, TASK_TAGS)}`);
  return [...several, ...text, ...misspelt];
}

function countProblems(cells: readonly TaskCell[]): readonly string[] {
  const crowded = AT_MOST_ONE.flatMap((tag) => {
    const places = cells.filter((cell) => cell.role === tag).map((cell) => cell.place);
    return places.length > 1
      ? [`${places.join(" and ")}: only one cell can be tagged ${tag}; join them`]
      : [];
  });
  return [...crowded, ...missingCells(cells)];
}

function missingCells(cells: readonly TaskCell[]): readonly string[] {
  const statement = cells.find((cell) => cell.role === "statement");
  const problems: string[] = [];
  if (statement === undefined)
    problems.push("no statement: begin with a markdown cell that says what is to be found");
  else if (statement.cell.source.trim() === "")
    problems.push(`${statement.place}: the statement is empty; write what is to be found`);
  if (!cells.some((cell) => cell.role === "verifier")) problems.push(missingVerifier(cells));
  if (codeOf(cells, "founder").length === 0)
    problems.push("no first solution: add a code cell without a tag that computes one, however simple");
  return problems;
}

function missingVerifier(cells: readonly TaskCell[]): string {
  // A misspelt tag is a problem of its own.
  const untagged = cells.find(
    ({ cell, role }) =>
      isCode(cell) &&
      role !== "holdout" &&
      bindingOf("verify", cell.source).kind !== "none" &&
      !tagsOf(cell).some((tag) => nearest(tag, ["verifier"]) !== null),
  );
  if (untagged === undefined)
    return 'no verifier: add a code cell tagged "verifier" that defines verify(submission)';
  const how = "in JupyterLab: select it, then Property Inspector (the gears at the right), Cell Tags";
  return `no verifier: ${untagged.place} defines verify, but is not tagged "verifier"; give it that tag alone (${how})`;
}

/** Parameters and verifiers run as plain Python; the others in IPython. */
function syntaxProblems({ cell, role, place }: TaskCell): readonly string[] {
  if (!isCode(cell)) return [];
  const isModule = PLAIN_PYTHON.includes(role);
  const fault = syntaxFault(cell.source, isModule ? "module" : "cell");
  if (fault === null) return [];
  const magic = isModule && /^[%!?]/.test(fault.text) ? "; this cell runs without IPython, so no magics" : "";
  const why = fault.words === null ? "" : `, ${fault.words}`;
  return [`${place}: line ${fault.line} is not valid Python${why}: ${fault.text}${magic}`];
}
