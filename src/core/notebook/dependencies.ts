// Owns: which cells depend on which, by the names they define and use. Imports are ambient; unknown effects count.
import type { CellId, CodeCell, Notebook } from "../../contracts/index.ts";
import { isCode } from "./notebook.ts";
import { namesIn, type CellNames } from "../python/python-names.ts";

/** A cell that needs another, and the names it needs it for (`*`: it cannot be known). */
export interface Dependent {
  readonly id: CellId;
  readonly names: readonly string[];
}

/** A cell and the names that it reads and writes. */
export interface NamedCell {
  readonly cell: CodeCell;
  readonly names: CellNames;
}

/**
 * The cells below `id` that use what it provides, read top to bottom, and that no cell in between provides
 * again. `submission`: an expression evaluated at the end, reported under the id `submission`.
 */
export function dependentsOf(notebook: Notebook, id: CellId, submission?: string): readonly Dependent[] {
  const cells: NamedCell[] = notebook.cells.filter(isCode).map((cell) => ({ cell, names: namesOf(cell) }));
  const at = cells.findIndex(({ cell }) => cell.id === id);
  const provider = cells[at];
  if (provider === undefined) return [];
  const below = cells.slice(at + 1).map(({ cell, names }) => ({ id: cell.id, names }));
  if (submission !== undefined) below.push({ id: "submission", names: namesIn(submission) });
  if (provider.names.opaque) return below.map((user) => ({ id: user.id, names: ["*"] }));
  return usersOf(new Set([...provider.names.defines, ...provider.names.mutates]), below);
}

/** The state cells are in after `id` changed or ran: those that ran before and depend on it, one after the other. */
export function staleAfter(notebook: Notebook, id: CellId): readonly Dependent[] {
  const stale = new Map<CellId, Dependent>();
  const queue = [id];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const user of dependentsOf(notebook, next)) {
      if (user.id === id || stale.has(user.id) || !hasRun(notebook, user.id)) continue;
      stale.set(user.id, user);
      queue.push(user.id);
    }
  }
  return notebook.cells.flatMap((cell) => stale.get(cell.id) ?? []);
}

const read = new WeakMap<CodeCell, CellNames>();

/** Cells are immutable: each is parsed once. */
function namesOf(cell: CodeCell): CellNames {
  const names = read.get(cell) ?? namesIn(cell.source);
  read.set(cell, names);
  return names;
}

function usersOf(provided: Set<string>, below: readonly { id: CellId; names: CellNames }[]): Dependent[] {
  const live = new Set(provided);
  const users: Dependent[] = [];
  for (const { id, names } of below) {
    const used = names.opaque ? ["*"] : [...names.uses, ...names.mutates].filter((name) => live.has(name));
    if (used.length > 0) users.push({ id, names: [...new Set(used)] });
    for (const name of boundAnew(names)) live.delete(name);
    if (live.size === 0) break;
  }
  return users;
}

/** What the cell gives a value of its own: nothing of the name's earlier one is left. */
function boundAnew({ defines, mutates }: CellNames): readonly string[] {
  const changed = new Set(mutates);
  return defines.filter((name) => !changed.has(name));
}

function hasRun(notebook: Notebook, id: CellId): boolean {
  const state = notebook.cells.find((cell) => cell.id === id)?.metadata.nbevolve?.state;
  return state === "clean" || state === "stale";
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
    const names = namesIn(cell.source);
    const { defines, mutates, uses, opaque } = names;
    if (!opaque && ![...defines, ...mutates].some((name) => wanted.has(name))) continue;
    needed.add(cell.id);
    for (const name of boundAnew(names)) wanted.delete(name);
    for (const name of [...uses, ...mutates]) wanted.add(name);
  }
  return cells.filter(({ id }) => needed.has(id));
}
