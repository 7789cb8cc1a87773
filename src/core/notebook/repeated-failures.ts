// Owns: failures of a round that come again, and what is said then. A function of the notebook alone.
import type { CellId, CodeCell, Notebook, Output } from "../../contracts/index.ts";
import { isCode, markOf } from "./notebook.ts";

/** A cell that failed now, in the notebook as it was before. */
interface FreshFailure {
  readonly id: CellId;
  readonly round: number;
  readonly source: string;
  readonly outputs: readonly Output[];
}

/** What is said where the round's last cells failed in the same way; nothing where they did not. */
export function describeRepeat(notebook: Notebook, failure: FreshFailure): readonly string[] {
  const what = failureOf(failure.outputs);
  if (what === null) return [];
  const ran = notebook.cells
    .filter(isCode)
    .filter((cell) => markOf(cell).round === failure.round && cell.execution_count !== null)
    .toSorted((a, b) => (b.execution_count ?? 0) - (a.execution_count ?? 0));
  const end = ran.findIndex((cell) => failureOf(cell.outputs) !== what);
  const same = end < 0 ? ran : ran.slice(0, end);
  if (same.length === 0) return [];
  const twin = same.find((cell) => cell.source.trim() === failure.source.trim());
  return [
    ...(twin === undefined || twin.id === failure.id ? [] : [`This is the code of ${twin.id} again.`]),
    same.length === 1
      ? "The same error twice in a row. Take a smaller step: in a short cell, print what the failing line uses (type, shape, value); then change that line alone."
      : `The same error ${same.length + 1} times in a row. Leave this way: ${describeReturn(notebook, ran)}`,
  ];
}

function describeReturn(notebook: Notebook, ran: readonly CodeCell[]): string {
  const good =
    ran.find((cell) => markOf(cell).state === "clean") ??
    notebook.cells.filter(isCode).findLast((cell) => markOf(cell).state === "clean");
  return good === undefined
    ? "begin with something simpler."
    : `go on from ${good.id}, the last cell that worked, with something simpler.`;
}

/** The error's name and message, whatever numbers it has; null where the outputs end without an error. */
function failureOf(outputs: readonly Output[]): string | null {
  const error = outputs.findLast((output) => output.output_type === "error");
  if (error === undefined) return null;
  return `${error.ename}: ${error.evalue.split("\n")[0] ?? ""}`.replaceAll(/\d+/g, "0");
}
