// Owns: the names that a notebook's cells have put into its kernel, as far as their sources say it. Runs nothing.
import type { Cell, CodeCell, Notebook } from "../../contracts/index.ts";
import { ownNamesIn, type OwnNames } from "../python/defined-names.ts";
import { hasRun, isCode } from "./notebook.ts";

const owned = new WeakMap<Cell, OwnNames>();

/** What the cell defines; each cell is read once. */
export function ownNamesOf(cell: CodeCell): OwnNames {
  const own = owned.get(cell) ?? ownNamesIn(cell.source);
  owned.set(cell, own);
  return own;
}

/** By name: its signature, the name with its kind where the source shows it, or the name again. In the order of first definition, cells that ran without an error alone. */
export function kernelNames(notebook: Notebook): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const cell of notebook.cells) {
    if (!isCode(cell) || !hasRun(cell)) continue;
    const { signatures, names: others, kinds } = ownNamesOf(cell);
    for (const name of others) names.set(name, describeName(name, kinds.get(name)));
    for (const { name, text } of signatures) names.set(name, text);
  }
  return names;
}

function describeName(name: string, kind: string | undefined): string {
  return kind === undefined ? name : `${name}: ${kind}`;
}

/** `f(x,y), w: ndarray (40,), best: float and 3 more`: the newest `most` of them; empty for none. */
export function listNames(said: readonly string[], most: number): string {
  const shown = said.slice(-most);
  const more = said.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
