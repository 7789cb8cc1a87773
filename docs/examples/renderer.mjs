// A renderer: the newest cells are open, each older cell is folded to one line, and fewer are open until the view fits.
import { firstThatFits, transcriptRenderer, viewFoldedCell, viewOpenCell } from "nbevolve/renderers";

const OUTPUT_LINES = 40;
const LINE_LENGTH = 80;

export default () =>
  transcriptRenderer("newest-open", (input) =>
    firstThatFits(
      [2, 1].map((open) =>
        input.notebook.cells.map((cell, at, { length }) =>
          at >= length - open
            ? viewOpenCell(cell, OUTPUT_LINES, input)
            : viewFoldedCell(cell, LINE_LENGTH, input),
        ),
      ),
      input,
    ),
  );
