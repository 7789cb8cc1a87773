// A notebook for readers says what it is, and is the same notebook when it is read again.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell, CellRole, Notebook, Output } from "../../../src/contracts/index.ts";
import { parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { codeCell, emptyNotebook, isCode, markdownCell } from "../../../src/core/notebook/notebook.ts";
import { presentNotebook, type NotebookHead } from "../../../src/core/notebook/present-notebook.ts";
import { stringifyNotebook } from "../../../src/core/notebook/save-notebook.ts";

const HEAD: NotebookHead = {
  title: "circles: 2.63598308",
  facts: [
    ["score", "2.63598308 (maximize)"],
    ["check it", "`nbevolve reproduce . b2`, or | <b>_any_</b>"],
  ],
  rounds: new Map([[1, "Round 1 (b2): 2.08 to 2.635"]]),
};

const PICTURE: Output = {
  output_type: "display_data",
  data: { "image/png": "iVBORw0KGgo=", "text/plain": "<Figure>" },
  metadata: {},
};
const drawn = (id: string, round: number): Cell => ({
  ...codeCell(id, "draw(submission)", { role: "code", round }),
  outputs: [PICTURE],
});
const notebookOf = (cells: readonly Cell[]): Notebook => ({ ...emptyNotebook(), cells });
const textsOf = (notebook: Notebook): readonly string[] => notebook.cells.map(({ source }) => source);

const role = fc.constantFrom<CellRole>("plan", "summary", "note", "code");
const cell = fc
  .record({
    role,
    round: fc.integer({ min: 0, max: 3 }),
    source: fc.oneof(
      fc.string(),
      fc.array(fc.string(), { maxLength: 60 }).map((lines) => lines.join("\n")),
    ),
    from: fc.constantFrom(undefined, { branch: "b7", cell: "c1" }, { branch: "b8", cell: "c1" }),
    hasPicture: fc.boolean(),
  })
  .map(({ role: of, round, source, from, hasPicture }) => {
    const mark = { role: of, round, ...(from !== undefined && { from }) };
    return of === "code"
      ? { ...codeCell("x", source, mark), outputs: hasPicture ? [PICTURE] : [] }
      : markdownCell("x", source, mark);
  });
const notebook = fc
  .array(cell, { maxLength: 8 })
  .map((cells) => notebookOf(cells.map((one, at) => ({ ...one, id: `x${at}` }))));

describe("a notebook for readers", () => {
  it("begins with a head, and has a heading for each round, a caption for what is another's, and its result", () => {
    const from = { branch: "b7", cell: "c9" };
    const shown = presentNotebook(
      notebookOf([
        markdownCell("c1", "# Task", { role: "task", round: 0 }),
        drawn("c2", 0),
        markdownCell("c3", "A plan.", { role: "plan", round: 1 }),
        codeCell("c4", "x = 1", { role: "code", round: 1, from }),
        codeCell("c5", "y = 1", { role: "code", round: 1, from }),
        drawn("c6", 1),
        markdownCell("c7", "It helped.\noffline: tally kick=0/0", { role: "summary", round: 1 }),
        codeCell("c8", "z = 1", { role: "code", round: 2 }),
      ]),
      HEAD,
    );
    expect(textsOf(shown)).toEqual([
      "# circles: 2.63598308\n\n| score | 2.63598308 (maximize) |\n| --- | --- |\n" +
        "| check it | `nbevolve reproduce . b2`, or \\| \\<b\\>\\_any\\_\\</b\\> |",
      "# Task",
      "draw(submission)",
      "## Round 1 (b2): 2.08 to 2.635",
      "A plan.",
      "_From branch b7:_",
      "x = 1",
      "y = 1",
      "draw(submission)",
      "It helped.",
      "## Round 2",
      "z = 1",
      "## Result\n\n![Result. circles: 2.63598308: the picture that cell c6 made.](attachment:result.png)",
    ]);
    expect(shown.cells.at(-1)).toMatchObject({
      attachments: { "result.png": { "image/png": "iVBORw0KGgo=" } },
    });
  });

  it("has long code folded, and no other", () => {
    const shown = presentNotebook(
      notebookOf([
        codeCell("c1", Array(41).fill("x = 1").join("\n"), { role: "code", round: 1 }),
        codeCell("c2", Array(40).fill("x = 1").join("\n"), { role: "code", round: 1 }),
      ]),
      HEAD,
    );
    expect(shown.cells.filter(isCode).map(({ metadata }) => [metadata["jupyter"], metadata.tags])).toEqual([
      [{ source_hidden: true }, ["hide-input"]],
      [undefined, undefined],
    ]);
  });

  it("is the same notebook when it is read again, but for what is folded and tallied", () => {
    fc.assert(
      fc.property(notebook, (made) => {
        const back = parseNotebook(stringifyNotebook(presentNotebook(made, HEAD)), "it");
        const plain = parseNotebook(stringifyNotebook(made), "it");
        const bare = ({ cells }: Notebook) =>
          cells.map((one) => ({
            ...one,
            metadata: one.metadata.nbevolve,
            source: one.metadata.nbevolve?.role === "summary" ? one.source.trimEnd() : one.source,
          }));
        expect(bare(back)).toEqual(bare(plain));
      }),
    );
  });

  it("is presented once, however often", () => {
    fc.assert(
      fc.property(notebook, (made) => {
        const once = presentNotebook(made, HEAD);
        expect(presentNotebook(once, HEAD)).toEqual(once);
      }),
    );
  });
});
