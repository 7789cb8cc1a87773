// Owns: the tool `finish_round`: the summary of a round, and what becomes of its cells.
import * as z from "zod";
import { checkDrops } from "../../core/notebook/clean-up.ts";
import { applyEdits, idsOf, markdownCell, nextCellId } from "../../core/notebook/notebook.ts";
import type { Edit } from "../../contracts/index.ts";
import { defineTool } from "./define-tool.ts";

/** Closes the round: the summary, and what becomes of the cells, in one call. */
export function finishRound(submission: string) {
  return defineTool({
    name: "finish_round",
    description: "Close the round: what was learnt, cells to pin or drop.",
    closesRound: true,
    instructions:
      "call finish_round with a summary of what was tried and learnt, with the numbers. Drop cells that led nowhere; " +
      "pin those that matter",
    parameters: z.strictObject({
      summary: z.string().min(1),
      pin: z.array(z.string()).optional(),
      drop: z.array(z.string()).optional(),
    }),
    run({ summary, pin = [], drop = [] }, context) {
      const id = nextCellId(context.notebook);
      const cell = markdownCell(id, summary, { role: "summary", round: context.round });
      const known = idsOf(context.notebook.cells);
      const mark = { pinned: true, folded: false };
      const pins = pin
        .filter((one) => known.has(one))
        .map((one): Edit => ({ type: "cell-marked", id: one, mark }));
      const verdict = checkDrops(applyEdits(context.notebook, pins), drop, submission);
      const edits: Edit[] = [
        ...pins,
        ...verdict.drop.map((one): Edit => ({ type: "cell-dropped", id: one })),
        { type: "cell-added", cell },
      ];
      const refused = verdict.kept.map((one) => `${one.id} not dropped: ${one.why}`);
      const unknown = pin.filter((one) => !known.has(one));
      if (unknown.length > 0) refused.push(`no such cells: ${unknown.join(", ")}`);
      const text = ["round closed", ...refused].join("\n");
      return { content: [{ type: "text", text }], isError: false, edits, finished: true };
    },
  });
}
