// Owns: positional folding - the last code cells open, earlier cells one line each. Kept as the baseline to beat.
import { isCode, markOf } from "../src/core/notebook/notebook.ts";
import type { Notebook, Renderer } from "../src/contracts/index.ts";
import { foldedView, openView } from "./parts/cell-view.ts";
import { firstThatFits } from "./parts/fit.ts";
import { transcriptRenderer, type Transcript } from "./parts/transcript.ts";

export interface PositionalOptions {
  /** Code cells at the end that stay open; 3. */
  readonly open?: number;
  /** Characters of a folded cell's line; 80. */
  readonly lineLength?: number;
  /** Lines at which the outputs of open cells are cut; 30. */
  readonly outputLines?: number;
}

/**
 * Opens the last few code cells, the task's own cells and pinned ones; folds the rest by position. Opens
 * fewer when the budget is short. Source: the policy of the published NotEvolve code.
 */
export function positional(options: PositionalOptions = {}): Renderer<Transcript> {
  const { open = 3, lineLength = 80, outputLines = 30 } = options;
  return transcriptRenderer("positional", (scene) => {
    const counts = Array.from({ length: open + 1 }, (_, i) => open - i);
    const views = counts.map((count) => {
      const shown = openIds(scene.notebook, count);
      return scene.notebook.cells.map((cell) =>
        shown.has(cell.id) ? openView(cell, outputLines) : foldedView(cell, lineLength),
      );
    });
    return firstThatFits(views, scene);
  });
}

function openIds(notebook: Notebook, count: number): ReadonlySet<string> {
  const code = notebook.cells.filter((cell) => isCode(cell) && markOf(cell).folded !== true);
  const last = count === 0 ? [] : code.slice(-count);
  const kept = notebook.cells.filter(
    (cell) => markOf(cell).pinned === true || (isCode(cell) && markOf(cell).role === "task"),
  );
  return new Set([...last, ...kept].map((cell) => cell.id));
}
