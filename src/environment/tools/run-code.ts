// Owns: the tool `run_code`: a code cell added at the end and run.
import * as z from "zod";
import { defineTool } from "./define-tool.ts";
import { runNewCell } from "./run-cell.ts";

/** Adds a code cell at the end and runs it. */
export const runCode = defineTool({
  name: "run_code",
  description: "Add a code cell and run it.",
  instructions: "run_code adds a cell and runs it",
  codeParameter: "source",
  parameters: z.strictObject({
    source: z.string().min(1),
    comment: z.string().optional(),
  }),
  run: ({ source, comment }, context) => runNewCell(context, source, comment),
});
