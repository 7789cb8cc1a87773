// Owns: which names a Python cell defines, imports, uses and mutates.
// Never runs anything; what cannot be seen (magics, star imports, exec) makes the cell `opaque`.
import { walkNames } from "./name-walk.ts";
import { parsePython, withoutMagics } from "./parse-python.ts";

export interface CellNames {
  /** Bound at the top level of the cell, imports included; in order of first appearance. */
  readonly defines: readonly string[];
  /** Those of `defines` that are modules or names taken from modules. */
  readonly imports: readonly string[];
  /** Read from outside: before the cell itself binds them, or in functions that it does not cover. */
  readonly uses: readonly string[];
  /** Names from outside or inside whose object is visibly changed: `x[0] = 1`, `x.a = 1`, `x.append(1)`, `x += 1`. */
  readonly mutates: readonly string[];
  /** What else the cell does to names cannot be known. */
  readonly opaque: boolean;
}

const SEES_ALL = new Set(["exec", "eval", "globals", "locals", "vars", "get_ipython", "__import__"]);

/** The names of one cell's source. */
export function namesIn(source: string): CellNames {
  const { text, opaque } = withoutMagics(source);
  const tree = parsePython(text);
  const { cell, imports, mutates, starImport } = walkNames(text, tree.topNode);
  const uses = new Set([...cell.reads, ...[...cell.deferred].filter((name) => !cell.bound.has(name))]);
  let unknown = opaque || starImport || [...uses].some((name) => SEES_ALL.has(name));
  tree.iterate({ enter: (node) => void (unknown ||= node.type.isError) });
  return {
    defines: [...cell.bound],
    imports: [...imports],
    uses: [...uses],
    mutates: [...mutates],
    opaque: unknown,
  };
}
