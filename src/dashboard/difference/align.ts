// Owns: which cells of two notebooks belong together: by id, else by what they hold. Each cell of each side is in one row. Pure;
// takes n log n.
import type { Cell } from "../../contracts/index.ts";

/** A row of the difference: a cell of one side, or one of each. */
export interface AlignedCells {
  readonly left: Cell | null;
  readonly right: Cell | null;
  /** It is elsewhere among the cells that both have. */
  readonly isMoved: boolean;
  readonly isEdited: boolean;
  /** Its outputs came out otherwise. */
  readonly isOtherwise: boolean;
}

/** The rows in the order of the right side; a cell that is gone stands where it stood. */
export function alignCells(left: readonly Cell[], right: readonly Cell[]): readonly AlignedCells[] {
  const partner = pairCells(left, right);
  const pairs = partner.flatMap((at, to) => (at === null ? [] : [{ at, to }]));
  const inOrder = new Set(longestRise(pairs.map(({ at }) => at)).map((place) => pairs[place]?.to));
  const paired = new Set(pairs.map(({ at }) => at));
  const rows: AlignedCells[] = [];
  let next = 0;
  const putGone = (before: number): void => {
    for (; next < before; next++) {
      const gone = left[next];
      if (gone !== undefined && !paired.has(next)) rows.push(rowOf(gone, null, false));
    }
  };
  for (const [to, cell] of right.entries()) {
    const at = partner[to] ?? null;
    const isMoved = at !== null && !inOrder.has(to);
    if (at !== null && !isMoved) putGone(at);
    rows.push(rowOf(at === null ? null : (left[at] ?? null), cell, isMoved));
  }
  putGone(left.length);
  return rows;
}

function rowOf(left: Cell | null, right: Cell | null, isMoved: boolean): AlignedCells {
  const isBoth = left !== null && right !== null;
  return {
    ...{ left, right, isMoved },
    isEdited: isBoth && (left.source !== right.source || left.cell_type !== right.cell_type),
    isOtherwise: isBoth && outputsKey(left) !== outputsKey(right),
  };
}

function outputsKey(cell: Cell): string {
  if (cell.cell_type !== "code") return "";
  return JSON.stringify(cell.outputs.map((output) => ({ ...output, execution_count: null })));
}

/** For each cell of the right side the place of its partner. */
function pairCells(left: readonly Cell[], right: readonly Cell[]): readonly (number | null)[] {
  const byId = new Map(left.map((cell, at) => [cell.id, at]));
  const taken = new Set<number>();
  const partner = right.map((cell) => {
    const at = byId.get(cell.id);
    // Another lineage gives the same ids to other cells.
    if (at === undefined || !isLike(left[at], cell)) return null;
    taken.add(at);
    return at;
  });
  pairByContent(partner, left, right, taken);
  return partner;
}

function pairByContent(
  partner: (number | null)[],
  left: readonly Cell[],
  right: readonly Cell[],
  taken: ReadonlySet<number>,
): void {
  const free = new Map<string, number[]>();
  for (const [at, cell] of [...left.entries()].toReversed()) {
    if (taken.has(at)) continue;
    const places = free.get(contentKey(cell)) ?? [];
    places.push(at);
    free.set(contentKey(cell), places);
  }
  for (const [to, cell] of right.entries())
    if (partner[to] === null) partner[to] = free.get(contentKey(cell))?.pop() ?? null;
}

function contentKey({ cell_type: kind, source }: Cell): string {
  return `${kind} ${source.trim()}`;
}

/** Whether it may be the same cell, edited: it is equal, or has a line of some length in common. */
function isLike(one: Cell | undefined, other: Cell): boolean {
  if (one === undefined || one.cell_type !== other.cell_type) return false;
  if (one.source.trim() === other.source.trim()) return true;
  const lines = new Set(linesOf(one));
  return linesOf(other).some((line) => lines.has(line));
}

function linesOf({ source }: Cell): readonly string[] {
  return source
    .slice(0, 20_000)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length > 3);
}

/** Places of a longest rising part of the list. */
function longestRise(list: readonly number[]): readonly number[] {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [place, value] of list.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[ends[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before.push(low === 0 ? -1 : (ends[low - 1] ?? -1));
    ends[low] = place;
  }
  const rise: number[] = [];
  for (let place = ends.at(-1) ?? -1; place >= 0; place = before[place] ?? -1) rise.push(place);
  return rise.toReversed();
}

/** A row with a difference, or a run of rows without. */
export type RowGroup =
  | { readonly kind: "row"; readonly row: AlignedCells }
  | { readonly kind: "same"; readonly rows: readonly AlignedCells[] };

export function isChanged({ left, right, isMoved, isEdited, isOtherwise }: AlignedCells): boolean {
  return left === null || right === null || isMoved || isEdited || isOtherwise;
}

export function groupRows(rows: readonly AlignedCells[]): readonly RowGroup[] {
  const groups: RowGroup[] = [];
  let same: AlignedCells[] = [];
  const putSame = (): void => {
    if (same.length > 0) groups.push({ kind: "same", rows: same });
    same = [];
  };
  for (const row of rows) {
    if (!isChanged(row)) {
      same.push(row);
      continue;
    }
    putSame();
    groups.push({ kind: "row", row });
  }
  putSame();
  return groups;
}
