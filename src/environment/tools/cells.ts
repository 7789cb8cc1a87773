// Owns: the tool `cells`: folding, unfolding, pinning, summarising and dropping cells.
import * as z from "zod";
import { checkDrops } from "../../core/notebook/clean-up.ts";
import { idsOf } from "../../core/notebook/notebook.ts";
import type { CellMark, ToolContext, Edit, ToolResult } from "../../contracts/index.ts";
import { defineTool, toolFailure, toolSuccess } from "./define-tool.ts";

type CellAction = "fold" | "unfold" | "pin" | "unpin" | "drop" | "summarise";

/** Folds, unfolds, pins, summarises or drops cells: one tool, many ids. */
export function cells(submission: string) {
  return defineTool({
    name: "cells",
    description: "Change how cells are kept.",
    parameters: z.strictObject({
      action: z.enum(["fold", "unfold", "pin", "unpin", "drop", "summarise"]),
      ids: z.array(z.string()).min(1),
      summary: z.string().optional(),
    }),
    run({ action, ids, summary }, context) {
      if (action === "drop") return dropCells(context, ids, submission);
      const known = idsOf(context.notebook.cells);
      const unknown = ids.filter((id) => !known.has(id));
      if (unknown.length > 0) return toolFailure(`There are no cells ${unknown.join(", ")}.`);
      if (action === "summarise" && summary === undefined) return toolFailure("summarise: give `summary`.");
      const mark = markFor(action, summary ?? "");
      return toolSuccess(
        `${action}: ${ids.join(", ")}`,
        ids.map((id): Edit => ({ type: "cell-marked", id, mark })),
      );
    },
  });
}

function dropCells(context: ToolContext, ids: readonly string[], submission: string): ToolResult {
  const verdict = checkDrops(context.notebook, ids, submission);
  const lines = [
    ...(verdict.drop.length > 0 ? [`dropped: ${verdict.drop.join(", ")}`] : []),
    ...verdict.kept.map(({ id, why }) => `${id} not dropped: ${why}`),
  ];
  if (verdict.drop.length === 0) return toolFailure(lines.join("\n"));
  return toolSuccess(
    lines.join("\n"),
    verdict.drop.map((id): Edit => ({ type: "cell-dropped", id })),
  );
}

function markFor(action: Exclude<CellAction, "drop">, summary: string): Partial<CellMark> {
  switch (action) {
    case "fold":
      return { folded: true };
    case "unfold":
      return { folded: false };
    case "pin":
      return { pinned: true, folded: false };
    case "unpin":
      return { pinned: false };
    case "summarise":
      return { folded: true, summary };
  }
}
