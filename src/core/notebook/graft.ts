// Owns: the crossover of notebooks: which cells of the second parent go after those of the first, and how renamed.
// Never runs them.
import type { BranchId, CodeCell, Notebook } from "../../contracts/index.ts";
import { namesOf, neededCells, type NamedCell } from "./dependencies.ts";
import { codeCell, countCells, isCode, markOf } from "./notebook.ts";
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
  const taken = definedNames(first);
  const clashing = new Set(own.flatMap(({ names }) => names.defines.filter((name) => taken.has(name))));
  for (const name of importedNames(own)) clashing.delete(name);
  const unsafe = unsafeNames(own.map(({ cell }) => cell.source));
  const { cells, skipped } = withoutStuck(own, { clashing, unsafe, taken, changed });
  const renames = chooseNewNames(clashing, cells, taken, how.from);
  return { cells: numberCells(first, cells, renames, how), renames, skipped: [...broken, ...skipped] };
}

function withNames(cell: CodeCell): NamedCell {
  return { cell, names: namesOf(cell) };
}

function definedNames(notebook: Notebook): ReadonlySet<string> {
  return new Set(notebook.cells.filter(isCode).flatMap((cell) => namesOf(cell).defines));
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
  const isOwn = ({ cell }: NamedCell): boolean =>
    markOf(cell).role !== "task" && !sharedSources.has(cell.source.trim());
  const others = [...theirs.filter(isOwn), ...needed.filter((one) => !shared.has(one))];
  for (const one of movedCells([...shared].filter(isModels), others.flatMap(touchedNames))) {
    shared.delete(one);
    sharedSources.delete(one.cell.source.trim());
  }
  const lacking = needed.filter((one) => !shared.has(one) && isModels(one));
  return { lacking, changed: new Set(theirs.filter(isOwn).flatMap(touchedNames)) };
}

/** Those of `cells` that hold a name which is defined or changed elsewhere too, by what is `touched`, or by one of them. */
function movedCells(cells: readonly NamedCell[], touched: readonly string[]): ReadonlySet<NamedCell> {
  const holders = new Map<string, NamedCell[]>();
  for (const one of cells) {
    const imports = new Set(one.names.imports);
    for (const name of touchedNames(one)) {
      if (imports.has(name)) continue;
      const those = holders.get(name) ?? [];
      those.push(one);
      holders.set(name, those);
    }
  }
  const moved = new Set<NamedCell>();
  const queue = [...touched];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const those = holders.get(name) ?? [];
    holders.delete(name);
    for (const one of those) {
      if (moved.has(one)) continue;
      moved.add(one);
      for (const next of touchedNames(one)) queue.push(next);
    }
  }
  return moved;
}

const isModels = ({ cell }: NamedCell): boolean => markOf(cell).role !== "task";
const touchedNames = ({ names }: NamedCell): readonly string[] => [...names.defines, ...names.mutates];

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
  const last = countCells(first);
  return cells.map(({ cell }, i) => {
    const mark = { role: "code", round, from: { branch: from, cell: cell.id } } as const;
    return codeCell(`c${last + 1 + i}`, renameNames(cell.source, renames), mark);
  });
}
