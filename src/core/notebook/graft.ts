// Owns: the crossover of notebooks: which cells of the second parent go after those of the first, and how renamed.
// Never runs them.
import type { BranchId, CodeCell, Notebook } from "../../contracts/index.ts";
import { neededCells, type NamedCell } from "./dependencies.ts";
import { codeCell, isCode, markOf, nextCellId, applyEdit } from "./notebook.ts";
import { namesIn } from "../python/python-names.ts";
import { renameNames, unsafeNames, type Renames } from "../python/rename-names.ts";

export interface Graft {
  /** To be added at the end, in order; not run yet. Each mark says where the cell is from. */
  readonly cells: readonly CodeCell[];
  /** Names of the second parent that the first has too, and what they are called now. */
  readonly renames: Renames;
  /** Cells of the second parent that its submission needs and that stay behind, each with its reason. */
  readonly skipped: readonly { readonly cell: string; readonly why: string }[];
}

/**
 * What the second parent's submission needs and the first parent lacks. `from`: the second parent; its name ends the
 * new names. What both have alike, and neither changes afterwards, is used as it is in the first.
 */
export function graftCells(
  first: Notebook,
  second: Notebook,
  how: { readonly from: BranchId; readonly round: number; readonly submission: string },
): Graft {
  const needed = neededCells(second, how.submission).map(withNames);
  const { lacking, changed } = compareCells(first, needed);
  const { own, skipped: broken } = withoutBroken(lacking);
  const taken = namesOf(first);
  const clashing = new Set(own.flatMap(({ names }) => names.defines.filter((name) => taken.has(name))));
  for (const name of importedNames(own)) clashing.delete(name);
  const unsafe = unsafeNames(own.map(({ cell }) => cell.source));
  const { cells, skipped } = withoutStuck(own, { clashing, unsafe, taken, changed });
  const renames = chooseNewNames(clashing, cells, taken, how.from);
  return { cells: numberCells(first, cells, renames, how), renames, skipped: [...broken, ...skipped] };
}

function withNames(cell: CodeCell): NamedCell {
  return { cell, names: namesIn(cell.source) };
}

function namesOf(notebook: Notebook): ReadonlySet<string> {
  return new Set(notebook.cells.filter(isCode).flatMap(({ source }) => namesIn(source).defines));
}

/** Imported names mean the same in both. */
function importedNames(cells: readonly NamedCell[]): readonly string[] {
  return cells.flatMap(({ names }) => names.imports);
}

/**
 * `lacking`: needed cells that are not the task's, and that the first has not alike with names that no cell changes
 * afterwards. `changed`: names that cells of the first alone define or change.
 */
function compareCells(first: Notebook, needed: readonly NamedCell[]) {
  const theirs = first.cells.filter(isCode).map(withNames);
  const sources = new Set(theirs.map(({ cell }) => cell.source.trim()));
  const shared = new Set(needed.filter(({ cell }) => sources.has(cell.source.trim())));
  const sharedSources = new Set([...shared].map(({ cell }) => cell.source.trim()));
  const touches = ({ names }: NamedCell): readonly string[] => [...names.defines, ...names.mutates];
  const isOwn = ({ cell }: NamedCell): boolean =>
    markOf(cell).role !== "task" && !sharedSources.has(cell.source.trim());
  while (true) {
    const others = [...theirs.filter(isOwn), ...needed.filter((one) => !shared.has(one))];
    const touched = new Set(others.flatMap(touches));
    const moved = [...shared].find((one) => {
      const imports = new Set(one.names.imports);
      return (
        markOf(one.cell).role !== "task" &&
        touches(one).some((name) => touched.has(name) && !imports.has(name))
      );
    });
    if (moved === undefined) break;
    shared.delete(moved);
    sharedSources.delete(moved.cell.source.trim());
  }
  const lacking = needed.filter((one) => !shared.has(one) && markOf(one.cell).role !== "task");
  return { lacking, changed: new Set(theirs.filter(isOwn).flatMap(touches)) };
}

function withoutBroken(cells: readonly NamedCell[]) {
  const why = ({ cell, names }: NamedCell): string | null => {
    if (names.opaque) return "what it does to names cannot be known";
    return markOf(cell).state === "failed" ? "it failed there" : null;
  };
  return {
    own: cells.filter((one) => why(one) === null),
    skipped: cells.flatMap((one) => {
      const reason = why(one);
      return reason === null ? [] : [{ cell: one.cell.id, why: reason }];
    }),
  };
}

interface Around {
  readonly clashing: ReadonlySet<string>;
  readonly unsafe: ReadonlyMap<string, string>;
  readonly taken: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}

/** Without what cannot be renamed, what goes on from names of the first parent, and what needs any of those. */
function withoutStuck(own: readonly NamedCell[], around: Around) {
  const born = new Set<string>();
  const lost = new Map<string, string>();
  const cells: NamedCell[] = [];
  const skipped: { cell: string; why: string }[] = [];
  for (const one of own) {
    const why = whyStuck(one, around, born, lost);
    if (why === null) {
      cells.push(one);
      for (const name of one.names.defines) born.add(name);
      continue;
    }
    skipped.push({ cell: one.cell.id, why });
    for (const name of [...one.names.defines, ...one.names.mutates]) lost.set(name, one.cell.id);
  }
  return { cells, skipped };
}

function whyStuck(
  { names: { defines, uses, mutates } }: NamedCell,
  { clashing, unsafe, taken, changed }: Around,
  born: ReadonlySet<string>,
  lost: ReadonlyMap<string, string>,
): string | null {
  const gone = [...uses, ...defines].find((name) => lost.has(name));
  if (gone !== undefined) return `it needs ${lost.get(gone)}, which is skipped`;
  const fixed = [...defines, ...uses].find((name) => clashing.has(name) && unsafe.has(name));
  if (fixed !== undefined) return `${fixed} cannot be renamed: ${unsafe.get(fixed)}`;
  const others = (name: string): boolean => !born.has(name);
  const own = new Set(defines);
  const foreign = mutates.find((name) => others(name) && taken.has(name) && !own.has(name));
  if (foreign !== undefined) return `it changes ${foreign} of the first parent`;
  const mixed = uses.find((name) => others(name) && clashing.has(name));
  if (mixed !== undefined) return `it goes on from ${mixed}, which the first parent has too`;
  const drifted = uses.find((name) => others(name) && changed.has(name));
  return drifted === undefined ? null : `the first parent has changed ${drifted}`;
}

function chooseNewNames(
  clashing: ReadonlySet<string>,
  cells: readonly NamedCell[],
  taken: ReadonlySet<string>,
  from: BranchId,
): Renames {
  const used = new Set([...taken, ...cells.flatMap(({ names }) => [...names.defines, ...names.uses])]);
  const defined = new Set(cells.flatMap(({ names }) => names.defines));
  const pairs = [...clashing]
    .filter((name) => defined.has(name))
    .map((name) => {
      let next = `${name}_${from}`;
      while (used.has(next)) next += "_";
      used.add(next);
      return [name, next] as const;
    });
  return new Map(pairs);
}

function numberCells(
  first: Notebook,
  cells: readonly NamedCell[],
  renames: Renames,
  { from, round }: { readonly from: BranchId; readonly round: number },
): readonly CodeCell[] {
  let notebook = first;
  return cells.map(({ cell }) => {
    const mark = { role: "code", round, from: { branch: from, cell: cell.id } } as const;
    const next = codeCell(nextCellId(notebook), renameNames(cell.source, renames), mark);
    notebook = applyEdit(notebook, { type: "cell-added", cell: next });
    return next;
  });
}
