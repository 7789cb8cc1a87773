// Owns: the tool `run_code`: a code cell added at the end and run.
import * as z from "zod";
import { codeCell, nextCellId } from "../../core/notebook/notebook.ts";
import { defineTool } from "./define-tool.ts";
import { cellResult, runCell } from "./run-cell.ts";

/** Adds a code cell at the end and runs it. */
export const runCode = defineTool({
  name: "run_code",
  description: "Add a code cell and run it.",
  instructions: "run_code adds a cell and runs it",
  parameters: z.strictObject({
    source: z.string().min(1),
    comment: z.string().optional(),
  }),
  async run({ source, comment }, context) {
    const id = nextCellId(context.notebook);
    const summary = comment === undefined ? {} : { summary: comment };
    const cell = codeCell(id, source, { role: "code", round: context.round, ...summary });
    return cellResult(await runCell(context, [{ type: "cell-added", cell }], id));
  },
});
