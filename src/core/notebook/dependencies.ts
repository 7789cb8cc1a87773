// Owns: which cells depend on which, by the names they define and use. Imports are ambient; unknown effects count.
import type { CellId, CodeCell, Notebook } from "../../contracts/index.ts";
import { hasRun, isCode } from "./notebook.ts";
import { boundAnew, type Dependent } from "./users-below.ts";
import { namesIn, type CellNames } from "../python/python-names.ts";

/** A cell and the names that it reads and writes. */
export interface NamedCell {
  readonly cell: CodeCell;
  readonly names: CellNames;
}

const read = new WeakMap<CodeCell, CellNames>();

/** What the cell does to names. Cells are immutable: each is parsed once. */
export function namesOf(cell: CodeCell): CellNames {
  const names = read.get(cell) ?? namesIn(cell.source);
  read.set(cell, names);
  return names;
}

/**
 * The cells that are out of date after `id` changed or ran: those below it that ran before and use what it provides, or what
 * another one of them provides.
 */
export function staleAfter(notebook: Notebook, id: CellId): readonly Dependent[] {
  const at = notebook.cells.findIndex((cell) => cell.id === id);
  const [changed, ...below] = at < 0 ? [] : notebook.cells.slice(at).filter(isCode);
  if (changed?.id !== id) return [];
  const fresh = new Set<string>();
  /** What is fresh cannot be known: everything may be. */
  let isUnknown = false;
  const renew = ({ defines, mutates, opaque }: CellNames): void => {
    isUnknown ||= opaque;
    for (const name of [...defines, ...mutates]) fresh.add(name);
  };
  renew(namesOf(changed));
  const stale: Dependent[] = [];
  for (const cell of below) {
    const names = namesOf(cell);
    const used = new Set([...names.uses, ...names.mutates].filter((name) => fresh.has(name)));
    const isUser = used.size > 0 || isUnknown || (names.opaque && fresh.size > 0);
    for (const name of boundAnew(names)) fresh.delete(name);
    if (!isUser || !hasRun(cell)) continue;
    stale.push({ id: cell.id, names: names.opaque || used.size === 0 ? ["*"] : [...used] });
    renew(names);
  }
  return stale;
}

/**
 * The code cells, in notebook order, that provide what `expression` uses at the end, directly or through other
 * cells. A cell whose effects cannot be known counts as needed.
 */
export function neededCells(notebook: Notebook, expression: string): readonly CodeCell[] {
  const wanted = new Set(namesIn(expression).uses);
  const needed = new Set<CellId>();
  const cells = notebook.cells.filter(isCode);
  for (const cell of cells.toReversed()) {
    const names = namesOf(cell);
    const { defines, mutates, uses, opaque } = names;
    if (!opaque && ![...defines, ...mutates].some((name) => wanted.has(name))) continue;
    needed.add(cell.id);
    for (const name of boundAnew(names)) wanted.delete(name);
    for (const name of [...uses, ...mutates]) wanted.add(name);
  }
  return cells.filter(({ id }) => needed.has(id));
}
