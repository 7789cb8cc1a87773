// Owns: folding a log - its events become digests in one more frozen text, and the snapshot is made anew.
import { markOf } from "../../src/core/notebook/notebook.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell, CellId, RenderInput } from "../../src/contracts/index.ts";
import { promptTokens, type ContextLog, type Unfrozen } from "./context-log.ts";
import { fitted } from "./fit-frozen.ts";
import { kernelLine, openCell, openIds } from "./open-cells.ts";

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
export function folded(log: ContextLog, scene: RenderInput, options: FoldOptions): ContextLog {
  const next = foldedOnce(log, scene, options);
  const missing = (scene.pricing?.minimumTokens ?? 0) - promptTokens(next, scene);
  if (missing <= 0) return next;
  const openTokens = Math.ceil(options.openTokens + missing * MARGIN);
  const openCells = Math.max(options.openCells, MOST_OPEN);
  return foldedOnce(log, scene, { ...options, openTokens, openCells });
}

/** Cells that are open leave the frozen text: what is missing grows by about that. */
const MARGIN = 1.3;

function foldedOnce(log: ContextLog, scene: RenderInput, options: FoldOptions): ContextLog {
  const open = openWithin(scene, options);
  const leaving = Object.entries(log.unfrozen).filter(([id, { gone }]) => gone || !open.has(id));
  const block = frozenText(leaving, scene, options);
  const views = [options.outputTokens, 150, 40].map((outputTokens) =>
    snapshotOf(scene, [...open], { ...options, outputTokens }, log.unfrozen),
  );
  const { frozen, snapshot } = fitted([...log.frozen, ...(block === "" ? [] : [block])], views, scene);
  const gone = new Set(leaving.map(([id]) => id));
  const unfrozen = Object.fromEntries(Object.entries(log.unfrozen).filter(([id]) => !gone.has(id)));
  return { ...log, frozen, snapshot, unfrozen, events: [], eventTokens: 0, asked: 0, turns: 0 };
}

/** The newest that fit. What was unfolded by hand counts like the rest. */
function openWithin(scene: RenderInput, options: FoldOptions): ReadonlySet<CellId> {
  const wanted = openIds(scene.notebook, options.openCells);
  const open = new Set<CellId>();
  let left = options.openTokens;
  for (const cell of scene.notebook.cells.toReversed()) {
    if (!wanted.has(cell.id)) continue;
    left -= scene.countTokens(openCell(cell, options, scene));
    if (left < 0) break;
    open.add(cell.id);
  }
  return open;
}

function frozenText(
  leaving: readonly (readonly [CellId, Unfrozen])[],
  scene: RenderInput,
  options: FoldOptions,
): string {
  const { cells } = scene.notebook;
  const place = new Map(cells.map(({ id }, i) => [id, i]));
  const placed = leaving.map(([id, what]) => ({ id, what, at: place.get(id) ?? -1 }));
  const lines = placed
    .toSorted((a, b) => a.at - b.at)
    .map(({ id, what, at }) => frozenLine(id, what, cells[at], scene, options));
  return lines.length === 0 ? "" : ["# Folded cells (read shows one)", ...lines].join("\n");
}

function frozenLine(
  id: CellId,
  { digest, more, errors, gone }: Unfrozen,
  cell: Cell | undefined,
  scene: RenderInput,
  { pinnedTokens }: FoldOptions,
): string {
  const before = mended(errors, digest);
  const line = `${gone ? "dropped: " : ""}${digest}${before === "" ? "" : ` | ${before}`}`;
  const also = more === "" ? line : `${line}\n  also => ${more}`;
  if (cell === undefined) return also;
  const { pinned, role } = markOf(cell);
  if (role === "summary") return `${id} summary: ${shortSummary(cell.source)}`;
  if (pinned !== true) return also;
  const source = viewSource(cell.source, `read(${id}, source`);
  return scene.countTokens(source) > pinnedTokens ? `${also} (pinned)` : `${line} (pinned)\n${source}`;
}

/** `before: ValueError: ...`: the last two failures of the cell that `said` does not tell of. */
function mended(errors: readonly string[], said: string): string {
  const lines = [...new Set(errors.filter((line) => !said.includes(line)))].slice(-2);
  return lines.length === 0 ? "" : `before: ${lines.join(" | ")}`;
}

/** What was learnt is why a round is remembered: a summary is kept, up to a length. */
function shortSummary(source: string): string {
  const line = source.replace(/\s+/g, " ").trim();
  return line.length <= 900 ? line : `${line.slice(0, 900)} ... (${line.length - 900} characters omitted)`;
}

/** The open cells in notebook order, what failed in them before, and what is wrong in the kernel. */
export function snapshotOf(
  scene: RenderInput,
  ids: readonly CellId[],
  options: FoldOptions,
  unfrozen: ContextLog["unfrozen"] = {},
): string {
  const { notebook } = scene;
  const open = new Set(ids);
  const cells = notebook.cells
    .filter((cell) => open.has(cell.id))
    .map((cell) => {
      const shown = openCell(cell, options, scene);
      const before = mended(unfrozen[cell.id]?.errors ?? [], shown);
      return before === "" ? shown : `${shown}\n(${before})`;
    });
  return [cells.length === 0 ? "# Open cells: none" : "# Open cells", ...cells, kernelLine(notebook)]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Every cell open; null when that takes more tokens than `most`. */
export function wholeWithin(most: number, scene: RenderInput, options: FoldOptions): string | null {
  let left = most;
  for (const cell of scene.notebook.cells) {
    left -= scene.countTokens(openCell(cell, options, scene));
    if (left < 0) return null;
  }
  const whole = snapshotOf(
    scene,
    scene.notebook.cells.map(({ id }) => id),
    options,
  );
  return scene.countTokens(whole) <= most ? whole : null;
}
