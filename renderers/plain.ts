// Owns: the simplest view - every cell open, in order, each output cut at a number of lines.
import type { Renderer } from "../src/spec/index.ts";
import { openView } from "./cell-view.ts";
import { firstThatFits } from "./fit.ts";
import { transcriptRenderer, type Transcript } from "./transcript.ts";

/** Shows every cell whole, with ever shorter outputs until it fits the budget; then the newest that fit. */
export function plain(): Renderer<Transcript> {
  return transcriptRenderer("plain", (scene) =>
    firstThatFits(
      [80, 30, 10, 4].map((maxLines) => scene.notebook.cells.map((cell) => openView(cell, maxLines))),
      scene,
    ),
  );
}
