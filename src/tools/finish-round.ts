import * as z from "zod";
import { guardDrops } from "../core/clean-up.ts";
import { applyEdits, findCell, markdownCell, markOf, nextCellId } from "../core/notebook.ts";
import type { Desk, Edit } from "../spec/index.ts";
import { defineTool } from "./define-tool.ts";

/** Closes the round: the summary, and what becomes of the cells, in one call. */
export function finishRound(submission: string) {
  return defineTool({
    name: "finish_round",
    description:
      "Close the round: summarise what was tried and learnt; pin, fold or drop cells. Scores the submission.",
    parameters: z.strictObject({
      summary: z.string().min(1),
      pin: z.array(z.string()).optional(),
      fold: z.array(z.string()).optional(),
      drop: z.array(z.string()).optional(),
    }),
    run({ summary, pin = [], fold = [], drop = [] }, desk) {
      const id = nextCellId(desk.notebook);
      const cell = markdownCell(id, summary, { role: "summary", round: desk.round });
      const pins = marks(desk, pin, { pinned: true, folded: false });
      const verdict = guardDrops(applyEdits(desk.notebook, pins), drop, submission);
      const edits: Edit[] = [
        ...pins,
        ...marks(
          desk,
          fold.filter((one) => !verdict.drop.includes(one) && !pin.includes(one)),
          { folded: true },
        ),
        ...verdict.drop.map((one): Edit => ({ type: "cell-dropped", id: one })),
        { type: "cell-added", cell },
      ];
      const refused = verdict.kept.map((one) => `${one.id} not dropped: ${one.why}`);
      const unknown = [...pin, ...fold].filter((one) => findCell(desk.notebook, one) === undefined);
      if (unknown.length > 0) refused.push(`no such cells: ${unknown.join(", ")}`);
      const text = ["round closed", ...refused].join("\n");
      return { content: [{ type: "text", text }], isError: false, edits, finished: true as const };
    },
  });
}

function marks(desk: Desk, ids: readonly string[], mark: { pinned?: boolean; folded?: boolean }): Edit[] {
  return ids.flatMap((id): Edit[] => {
    const cell = findCell(desk.notebook, id);
    if (cell === undefined || (markOf(cell).role === "task" && mark.folded === true)) return [];
    return [{ type: "cell-marked", id, mark }];
  });
}
