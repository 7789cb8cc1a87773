// The numbers task as the notebook that a domain expert would write.
import { applyEdits, codeCell, emptyNotebook, markdownCell } from "../../src/core/notebook/notebook.ts";
import { stringifyNotebook } from "../../src/core/notebook/save-notebook.ts";
import type { Edit } from "../../src/contracts/index.ts";

const VERIFIER = `def verify(submission):
    a, b = submission
    if a * a + b * b > radius ** 2:
        raise ValueError(f"outside the circle by {a * a + b * b - radius ** 2:.3g}")
    return {"score": a * b, "sum": a + b}`;

/** `.ipynb` text; more cells may be given as `[tag, source]`. */
export function numbersNotebook(more: readonly (readonly [string, string])[] = []): string {
  const cells = [
    ["parameters", "radius = 1"],
    ["setup", "import random, os, time"],
    ["", "submission = [0.1, 0.1]"],
    ["verifier", VERIFIER],
    ...more,
  ] as const;
  const edits: Edit[] = [
    {
      type: "cell-added",
      cell: markdownCell("c1", "Find `submission = [a, b]` in the circle with a large a*b.", {
        role: "note",
        round: 0,
      }),
    },
    ...cells.map(([tag, source], i): Edit => {
      const cell = codeCell(`c${i + 2}`, source, { role: "code", round: 0 });
      return { type: "cell-added", cell: { ...cell, metadata: tag === "" ? {} : { tags: [tag] } } };
    }),
  ];
  const notebook = applyEdits(emptyNotebook(), edits);
  return stringifyNotebook({
    ...notebook,
    metadata: { ...notebook.metadata, nbevolve: { direction: "maximize" } },
  });
}
