// Owns: folding a log: its events become digests in one more frozen text, and the snapshot is written again.
import { markOf } from "../../src/core/notebook/notebook.ts";
import { fenceText } from "../../src/core/output/fence.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell, CellId, RenderInput } from "../../src/contracts/index.ts";
import { countPromptTokens, type ContextLog, type Unfrozen } from "./context-log.ts";
import { fitFrozen } from "./fit.ts";
import {
  isStatement,
  kernelStateLine,
  openCellIds,
  sourceRemedy,
  statementLine,
  viewSnapshotCell,
} from "./cell-view.ts";

/** What stays open, and how much of it, where older cells are folded. */
export interface FoldOptions {
  /** Code cells at the end that stay open, at most. */
  readonly openCells: number;
  /** Tokens that they may take together; cells that do not fit are digests. */
  readonly openTokens: number;
  /** Tokens of an open cell's outputs. */
  readonly outputTokens: number;
  /** Tokens of a pinned cell's source that are frozen with its digest; longer ones are digests alone. */
  readonly pinnedTokens: number;
}

/** Cells that may be open where there is room that costs nothing. */
const MOST_OPEN = 12;

/**
 * The log folded, with no events. Its frozen texts begin with the old ones, unless the budget is short. Where the
 * provider caches no prompt as short as this leaves, more cells stay open: sent once at full price, they spare the
 * whole prompt at full price with each call until it has grown.
 */
export function foldLog(log: ContextLog, input: RenderInput, options: FoldOptions): ContextLog {
  const next = foldOnce(log, input, options);
  const missing = (input.pricing?.minimumTokens ?? 0) - countPromptTokens(next, input);
  if (missing <= 0) return next;
  const openTokens = Math.ceil(options.openTokens + missing * MARGIN);
  const openCells = Math.max(options.openCells, MOST_OPEN);
  return foldOnce(log, input, { ...options, openTokens, openCells });
}

/** Cells that are open leave the frozen text: what is missing grows by about that. */
const MARGIN = 1.3;

function foldOnce(log: ContextLog, input: RenderInput, options: FoldOptions): ContextLog {
  const open = chooseOpenCells(input, options);
  const leaving = Object.entries(log.unfrozen).filter(([id, { gone }]) => gone || !open.has(id));
  const block = frozenText(leaving, input, options);
  const views = [options.outputTokens, 150, 40].map((outputTokens) =>
    snapshotOf(input, [...open], { ...options, outputTokens }, log.unfrozen),
  );
  const { frozen, snapshot } = fitFrozen([...log.frozen, ...(block === "" ? [] : [block])], views, input);
  const gone = new Set(leaving.map(([id]) => id));
  const unfrozen = Object.fromEntries(Object.entries(log.unfrozen).filter(([id]) => !gone.has(id)));
  return { ...log, frozen, snapshot, unfrozen, events: [], eventTokens: 0, asked: 0, turns: 0 };
}

/** The newest that fit. What was unfolded by hand counts like the rest. */
function chooseOpenCells(input: RenderInput, options: FoldOptions): ReadonlySet<CellId> {
  const wanted = openCellIds(input.notebook, options.openCells);
  const open = new Set<CellId>();
  let left = options.openTokens;
  for (const cell of input.notebook.cells.toReversed()) {
    if (!wanted.has(cell.id)) continue;
    left -= input.countTokens(viewSnapshotCell(cell, options, input));
    if (left < 0) break;
    open.add(cell.id);
  }
  return open;
}

function frozenText(
  leaving: readonly (readonly [CellId, Unfrozen])[],
  input: RenderInput,
  options: FoldOptions,
): string {
  const { cells } = input.notebook;
  const place = new Map(cells.map(({ id }, i) => [id, i]));
  const placed = leaving.map(([id, what]) => ({ id, what, at: place.get(id) ?? -1 }));
  const lines = placed
    .toSorted((a, b) => a.at - b.at)
    .map(({ id, what, at }) => frozenLine(id, what, cells[at], input, options));
  return lines.length === 0 ? "" : ["# Folded cells (read shows one)", ...lines].join("\n");
}

function frozenLine(
  id: CellId,
  { digest, more, errors, gone }: Unfrozen,
  cell: Cell | undefined,
  input: RenderInput,
  { pinnedTokens }: FoldOptions,
): string {
  const before = earlierErrors(errors, digest);
  const line = `${gone ? "dropped: " : ""}${digest}${before === "" ? "" : ` | ${before}`}`;
  const also = more === "" ? line : `${line}\n  also defines ${more}`;
  if (cell === undefined) return also;
  if (isStatement(cell, input)) return statementLine(cell);
  const { pinned, role } = markOf(cell);
  if (role === "summary") return `${id} summary: ${shortenSummary(cell.source)}`;
  if (pinned !== true) return also;
  const source = viewSource(cell.source, sourceRemedy(id, input));
  return input.countTokens(source) > pinnedTokens
    ? `${also} (pinned)`
    : `${line} (pinned)\n${fenceText(source, "python")}`;
}

/** `before: ValueError: ...`: the last two failures of the cell that `said` does not mention. */
function earlierErrors(errors: readonly string[], said: string): string {
  const lines = [...new Set(errors.filter((line) => !said.includes(line)))].slice(-2);
  return lines.length === 0 ? "" : `before: ${lines.join(" | ")}`;
}

/** A summary says what a round has taught, so it is kept, up to 900 characters. */
function shortenSummary(source: string): string {
  const line = source.replace(/\s+/g, " ").trim();
  return line.length <= 900 ? line : `${line.slice(0, 900)} ... (${line.length - 900} characters omitted)`;
}

/** The open cells in notebook order, what failed in them before, and what is wrong in the kernel. */
function snapshotOf(
  input: RenderInput,
  ids: readonly CellId[],
  options: FoldOptions,
  unfrozen: ContextLog["unfrozen"] = {},
): string {
  const { notebook } = input;
  const open = new Set(ids);
  const cells = notebook.cells
    .filter((cell) => open.has(cell.id))
    .map((cell) => {
      const shown = viewSnapshotCell(cell, options, input);
      const before = earlierErrors(unfrozen[cell.id]?.errors ?? [], shown);
      return before === "" ? shown : `${shown}\n(${before})`;
    });
  return [cells.length === 0 ? "# Open cells: none" : "# Open cells", ...cells, kernelStateLine(notebook)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Every cell open; null when that takes more tokens than `most`. */
export function viewWhole(most: number, input: RenderInput, options: FoldOptions): string | null {
  let left = most;
  for (const cell of input.notebook.cells) {
    left -= input.countTokens(viewSnapshotCell(cell, options, input));
    if (left < 0) return null;
  }
  const whole = snapshotOf(
    input,
    input.notebook.cells.map(({ id }) => id),
    options,
  );
  return input.countTokens(whole) <= most ? whole : null;
}
