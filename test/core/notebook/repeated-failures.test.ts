import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits, codeCell, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { describeRepeat } from "../../../src/core/notebook/repeated-failures.ts";
import type { Notebook, Output } from "../../../src/contracts/index.ts";

interface Ran {
  readonly source: string;
  readonly error: string | null;
  readonly round?: number;
}

const outputsOf = (error: string | null): readonly Output[] => {
  const [ename = "", evalue = ""] = (error ?? "").split(": ");
  return error === null ? [] : [{ output_type: "error", ename, evalue, traceback: [] }];
};

function notebookOf(cells: readonly Ran[]): Notebook {
  const edits = cells.flatMap(({ source, error, round = 1 }, i) => {
    const id = `c${i + 1}`;
    const status = error === null ? ("ok" as const) : ("error" as const);
    return [
      { type: "cell-added" as const, cell: codeCell(id, source, { role: "code", round }) },
      { type: "cell-ran" as const, id, outputs: outputsOf(error), status, durationMs: 1 },
    ];
  });
  return applyEdits(emptyNotebook(), edits);
}

const said = (before: readonly Ran[], error: string, source = "now()"): string =>
  describeRepeat(notebookOf(before), { id: "c99", round: 1, source, outputs: outputsOf(error) }).join(" ");

const BAD = "IndexError: index 3 is out of bounds";

describe("a failure that comes again", () => {
  test.each<[what: string, before: readonly Ran[], words: RegExp | null]>([
    ["the first", [{ source: "a", error: null }], null],
    ["after another error", [{ source: "a", error: "ValueError: bad" }], null],
    [
      "after a cell that worked",
      [
        { source: "a", error: BAD },
        { source: "b", error: null },
      ],
      null,
    ],
    ["in another round", [{ source: "a", error: BAD, round: 0 }], null],
    ["twice", [{ source: "a", error: BAD }], /^The same error twice in a row\. Take a smaller step/],
    ["with another number", [{ source: "a", error: BAD.replace("3", "17") }], /twice in a row/],
    [
      "three times",
      [
        { source: "ok", error: null },
        { source: "a", error: BAD },
        { source: "b", error: BAD },
      ],
      /3 times in a row.*go on from c1/,
    ],
    [
      "three times, and nothing worked",
      [
        { source: "a", error: BAD },
        { source: "b", error: BAD },
      ],
      /3 times in a row.*something simpler\.$/,
    ],
    [
      "the same code",
      [{ source: "now()", error: BAD }],
      /^This is the code of c1 again\. The same error twice/,
    ],
  ])("%s", (_, before, words) => {
    if (words === null) expect(said(before, BAD)).toBe("");
    else expect(said(before, BAD)).toMatch(words);
  });

  test("the count is that of the last failures that are alike", () => {
    const error = fc.constantFrom("E: a", "E: b", "F: a", null);
    fc.assert(
      fc.property(fc.array(error, { maxLength: 8 }), (errors) => {
        const alike = errors.length - 1 - errors.findLastIndex((one) => one !== "E: a");
        const words = said(
          errors.map((one, i) => ({ source: `s${i}`, error: one })),
          "E: a",
        );
        if (alike === 0) expect(words).toBe("");
        else expect(words).toContain(alike === 1 ? "twice" : `${alike + 1} times`);
      }),
    );
  });
});
