// Owns: one branch of a run in words: where it comes from, its score and submission, how to take it out, and its cells. Pure.
import { scoreText } from "../../environment/score-text.ts";
import { digestOf } from "../../core/notebook/cell-digest.ts";
import { countCells, idsOf, isCode, markOf } from "../../core/notebook/notebook.ts";
import { resultPicture } from "../../core/notebook/present-notebook.ts";
import { viewOutputs } from "../../core/output/view-outputs.ts";
import type { EndedEpisode } from "../../core/run/history.ts";
import { ownCommand, pathWord } from "../../core/shell-words.ts";
import { clipLine } from "../../core/untrusted.ts";
import type { Branch, Cell, Notebook, Reproduction, Submission } from "../../contracts/index.ts";
import { costText, reproductionLines, restoredText } from "./run-facts.ts";

export interface BranchToTell {
  /** The run directory as it was named, and the file of the notebook in it. */
  readonly dir: string;
  readonly file: string;
  readonly branch: Branch;
  readonly operator: string;
  /** Absent for the founder. */
  readonly episode: EndedEpisode | undefined;
  readonly reproduction: Reproduction | undefined;
  readonly notebook: Notebook;
  readonly submission: Submission;
}

interface BranchTextOptions {
  /** Every cell in full, and all of the submission. */
  readonly full: boolean;
  /** How its kernel was restored, too. */
  readonly verbose: boolean;
}

export function branchText(told: BranchToTell, { full, verbose }: BranchTextOptions): string {
  const { dir, file, branch, operator, episode, reproduction, notebook, submission } = told;
  return [
    `${branch.id}: ${operator} of ${branch.parents.join(" + ") || "nothing"}, generation ${branch.generation}`,
    scoreText(branch.score),
    ...(episode === undefined || episode.tokens === 0 ? [] : [episodeCost(episode)]),
    ...(verbose ? (episode?.restores ?? []).map(restoredText) : []),
    ...reproductionLines(reproduction),
    `submission: ${submissionText(submission, full)}`,
    `notebook, for JupyterLab: ${file}`,
    ...exportLines(dir, branch.id, notebook),
    "",
    ...cellsText(notebook, full),
    ...droppedText(notebook),
  ].join("\n");
}

function episodeCost({ tokens, costUsd }: EndedEpisode): string {
  return `made with ${tokens.toLocaleString("en")} tokens; ${costText(costUsd)}`;
}

const MOST_CHARACTERS = 300;

function submissionText(submission: Submission, full: boolean): string {
  const text = JSON.stringify(submission);
  if (full || text.length <= MOST_CHARACTERS) return text;
  return `${clipLine(text, MOST_CHARACTERS)}; --full shows all`;
}

/** How to take it out of the run; the picture only where there is one. */
function exportLines(dir: string, id: string, notebook: Notebook): readonly string[] {
  const endings =
    resultPicture(notebook.cells, "image/png") === null ? ["json", "py"] : ["json", "py", "png"];
  const files = endings.flatMap((ending) => ["--branch", `${id}=${id}.${ending}`]);
  return [`as files of yours: ${ownCommand("export", pathWord(dir), ...files)}`];
}

/** Cells with more lines, and those of the task, are shortened to one line. */
const MOST_LINES = 40;

function cellsText({ cells }: Notebook, full: boolean): readonly string[] {
  const isFolded = (cell: Cell): boolean =>
    !full && (markOf(cell).role === "task" || cell.source.split("\n").length > MOST_LINES);
  const folded = cells.filter(isFolded).length;
  const note =
    folded === 0 ? [] : [`(${folded} of ${cells.length} cells are shortened to one line; --full shows them)`];
  return [...cells.map((cell) => (isFolded(cell) ? `--- ${digestOf(cell)}` : cellText(cell))), ...note];
}

function cellText(cell: Cell): string {
  const mark = markOf(cell);
  const output = isCode(cell)
    ? viewOutputs(cell.outputs, { id: cell.id, maxLines: 20, maxTokens: 2000 }).text
    : "";
  const title = `--- ${cell.id} (${mark.role}${mark.state === undefined ? "" : `, ${mark.state}`}, round ${mark.round})`;
  return [title, cell.source, ...(output === "" ? [] : ["=>", output])].join("\n");
}

const MOST_NAMED = 12;

/** Cells are numbered along a lineage, and no number is used twice. */
function droppedText(notebook: Notebook): readonly string[] {
  const present = idsOf(notebook.cells);
  const last = countCells(notebook);
  const named: string[] = [];
  let dropped = 0;
  // No more numbers are looked at than a notebook has: a file of somebody else may say that there were any number.
  for (let number = 1; number <= Math.min(last, MOST_NUMBERS); number++) {
    if (present.has(`c${number}`)) continue;
    dropped += 1;
    if (named.length < MOST_NAMED) named.push(`c${number}`);
  }
  if (dropped === 0) return [];
  const more = dropped > named.length ? ` and ${dropped - named.length} more` : "";
  return [
    `(not here: ${named.join(", ")}${more}: tried on the way and dropped; nothing that stayed needs them)`,
  ];
}

const MOST_NUMBERS = 100_000;
