// Owns: which cells stay open in the snapshot, and how they look there.
import { isCode, markOf } from "../../src/core/notebook/notebook.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import { viewSource } from "../../src/core/output/view-source.ts";
import type { Cell, CellId, Notebook, RenderInput } from "../../src/contracts/index.ts";

/** How much an open cell may show of its outputs. */
export interface OpenLimits {
  readonly outputTokens: number;
}

/** A cell with its source and outputs. */
export function openCell(cell: Cell, { outputTokens }: OpenLimits, scene: RenderInput): string {
  const mark = markOf(cell);
  const source = viewSource(cell.source, `read(${cell.id}, source`);
  if (!isCode(cell)) return `[${cell.id} ${mark.role}]\n${source}`;
  const words = [cell.id, mark.state, mark.pinned === true ? "pinned" : undefined].filter(
    (word) => word !== undefined,
  );
  const limits = {
    id: cell.id,
    maxTokens: outputTokens,
    countTokens: (said: string) => scene.countTokens(said),
  };
  const { text } = viewOutputs(cell.outputs, limits);
  const head = `[${words.join(" ")}]\n${source}`;
  return text === "" ? head : `${head}\n=>\n${text}`;
}

/** The last `count` code cells that nobody folded, and those that were unfolded by hand. */
export function openIds(notebook: Notebook, count: number): ReadonlySet<CellId> {
  const code = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).folded !== true);
  const last = count === 0 ? [] : code.slice(-count);
  const unfolded = code.filter((cell) => markOf(cell).folded === false && markOf(cell).pinned !== true);
  return new Set([...last, ...unfolded].map((cell) => cell.id));
}

/** What the kernel holds that is not as the cells say; empty when all is well. */
export function kernelLine(notebook: Notebook): string {
  const inState = (state: string): string[] =>
    notebook.cells.filter((cell) => isCode(cell) && markOf(cell).state === state).map(({ id }) => id);
  const parts = ["failed", "stale", "dirty", "unexecuted"].flatMap((state) => {
    const ids = inState(state);
    return ids.length === 0 ? [] : [`${state}: ${listed(ids)}`];
  });
  return parts.length === 0 ? "" : `Kernel: ${parts.join("; ")}`;
}

function listed(ids: readonly CellId[]): string {
  return ids.length <= 12 ? ids.join(" ") : `${ids.slice(0, 12).join(" ")} and ${ids.length - 12} more`;
}
