// Owns: positional folding: the last code cells open, earlier cells one line each. Kept as the baseline to beat.
import { isCode, markOf } from "../src/core/notebook/notebook.ts";
import type { Notebook, Renderer } from "../src/contracts/index.ts";
import { viewFoldedCell, viewOpenCell } from "./parts/cell-view.ts";
import { firstThatFits } from "./parts/fit.ts";
import { transcriptRenderer, type Transcript } from "./parts/transcript.ts";

/** How `positional` writes its prompts. */
export interface PositionalOptions {
  /** Code cells at the end that stay open. Default 3. */
  readonly open?: number | undefined;
  /** Characters of a folded cell's line. Default 80. */
  readonly lineLength?: number | undefined;
  /** Lines at which the outputs of open cells are cut. Default 30. */
  readonly outputLines?: number | undefined;
}

/**
 * Opens the last few code cells, the task's own cells and pinned ones; folds the rest by position. Opens
 * fewer when the budget is short. Source: the policy of the published NotEvolve code.
 */
export function positional(options: PositionalOptions = {}): Renderer<Transcript> {
  const { open = 3, lineLength = 80, outputLines = 30 } = options;
  return transcriptRenderer("positional", (input) => {
    const counts = Array.from({ length: open + 1 }, (_, i) => open - i);
    const views = counts.map((count) => {
      const shown = chooseOpenIds(input.notebook, count);
      return input.notebook.cells.map((cell) =>
        shown.has(cell.id) ? viewOpenCell(cell, outputLines, input) : viewFoldedCell(cell, lineLength, input),
      );
    });
    return firstThatFits(views, input);
  });
}

function chooseOpenIds(notebook: Notebook, count: number): ReadonlySet<string> {
  const code = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).folded !== true);
  const last = count === 0 ? [] : code.slice(-count);
  const kept = notebook.cells.filter(
    (cell) => markOf(cell).pinned === true || (isCode(cell) && markOf(cell).role === "task"),
  );
  return new Set([...last, ...kept].map((cell) => cell.id));
}
