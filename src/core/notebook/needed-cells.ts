// Owns: which cells an expression needs, with all that those need in turn. By name; unknown effects are kept.
import type { CellId, CodeCell, Notebook } from "../../contracts/index.ts";
import { isCode } from "./notebook.ts";
import { namesIn } from "../python/python-names.ts";

/**
 * The code cells, in notebook order, that provide what `expression` uses at the end, directly or through other
 * cells. A cell whose effects cannot be known counts as needed.
 */
export function neededCells(notebook: Notebook, expression: string): readonly CodeCell[] {
  const wanted = new Set(namesIn(expression).uses);
  const needed = new Set<CellId>();
  const cells = notebook.cells.filter(isCode);
  for (const cell of cells.toReversed()) {
    const { defines, mutates, uses, opaque } = namesIn(cell.source);
    if (!opaque && ![...defines, ...mutates].some((name) => wanted.has(name))) continue;
    needed.add(cell.id);
    for (const name of defines) if (!mutates.includes(name)) wanted.delete(name);
    for (const name of [...uses, ...mutates]) wanted.add(name);
  }
  return cells.filter(({ id }) => needed.has(id));
}
