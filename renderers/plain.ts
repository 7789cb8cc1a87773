// Owns: the simplest view: every cell open, in order, each output cut at a number of lines.
import type { Renderer } from "../src/contracts/index.ts";
import { viewOpenCell } from "./parts/cell-view.ts";
import { firstThatFits } from "./parts/fit.ts";
import { transcriptRenderer, type Transcript } from "./parts/transcript.ts";

/** Shows every cell whole, with ever shorter outputs until it fits the budget; then the newest that fit. */
export function plain(): Renderer<Transcript> {
  return transcriptRenderer("plain", (input) =>
    firstThatFits(
      [80, 30, 10, 6, 4].map((maxLines) =>
        input.notebook.cells.map((cell) => viewOpenCell(cell, maxLines, input)),
      ),
      input,
    ),
  );
}
