// Owns: the tool `note`: a markdown cell added at the end.
import * as z from "zod";
import { markdownCell, nextCellId } from "../../core/notebook/notebook.ts";
import { defineTool, toolSuccess } from "./define-tool.ts";

/** Adds a markdown cell at the end. */
export const note = defineTool({
  name: "note",
  description: "Add a markdown cell.",
  parameters: z.strictObject({ markdown: z.string().min(1) }),
  run({ markdown }, context) {
    const id = nextCellId(context.notebook);
    const cell = markdownCell(id, markdown, { role: "note", round: context.round });
    return toolSuccess(`${id} added`, [{ type: "cell-added", cell }]);
  },
});
