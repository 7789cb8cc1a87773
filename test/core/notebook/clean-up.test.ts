import { describe, expect, test } from "vitest";
import { checkDrops, tidyNotebook } from "../../../src/core/notebook/clean-up.ts";
import { dependentsOf, staleAfter } from "../../../src/core/notebook/dependencies.ts";
import { applyEdits, codeCell, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import type { CellMark, Edit, Notebook } from "../../../src/contracts/index.ts";

type Source = readonly [source: string, mark?: Partial<CellMark> & { failed?: boolean }];

/** Cells c1, c2, ... that ran. */
function notebook(...sources: readonly Source[]): Notebook {
  const edits = sources.flatMap(([source, { failed = false, ...mark } = {}], i): Edit[] => [
    { type: "cell-added", cell: codeCell(`c${i + 1}`, source, { role: "code", round: 1, ...mark }) },
    { type: "cell-ran", id: `c${i + 1}`, outputs: [], status: failed ? "error" : "ok", durationMs: 1 },
  ]);
  return applyEdits(emptyNotebook(), edits);
}

describe("dependentsOf", () => {
  test("who uses what a cell defines, until another cell defines it anew", () => {
    const book = notebook(["x = 1"], ["y = x"], ["x = 2"], ["z = x"]);
    expect(dependentsOf(book, "c1")).toEqual([{ id: "c2", names: ["x"] }]);
    expect(dependentsOf(book, "c3")).toEqual([{ id: "c4", names: ["x"] }]);
  });
  test("a mutation is something to depend on, and does not hide the definition", () => {
    const book = notebook(["xs = []"], ["xs.append(1)"], ["print(xs)"]);
    expect(dependentsOf(book, "c1").map(({ id }) => id)).toEqual(["c2", "c3"]);
    expect(dependentsOf(book, "c2").map(({ id }) => id)).toEqual(["c3"]);
  });
  test("the submission is a user", () => {
    expect(dependentsOf(notebook(["best = 1"]), "c1", "best")).toEqual([
      { id: "submission", names: ["best"] },
    ]);
  });
  test("a cell whose effects cannot be known falls back to position", () => {
    const book = notebook(["from m import *"], ["y = 1"], ["%run z.py"]);
    expect(dependentsOf(book, "c1").map(({ id }) => id)).toEqual(["c2", "c3"]);
    expect(dependentsOf(book, "c2")).toEqual([{ id: "c3", names: ["*"] }]);
  });
});

test("staleAfter follows users of users, not cells that never ran", () => {
  const book = applyEdits(notebook(["x = 1"], ["y = x"], ["z = y"], ["w = 3"]), [
    { type: "cell-added", cell: codeCell("c5", "print(x)", { role: "code", round: 1 }) },
  ]);
  expect(staleAfter(book, "c1").map(({ id }) => id)).toEqual(["c2", "c3"]);
});

describe("guardDrops", () => {
  test("keeps what the rest needs and says why", () => {
    const book = notebook(
      ["x = 1", { role: "task" }],
      ["y = x"],
      ["z = y"],
      ["w = 4"],
      ["p = 5", { pinned: true }],
    );
    expect(checkDrops(book, ["c1", "c2", "c4", "c5", "c9"], "z")).toEqual({
      drop: ["c4"],
      kept: [
        { id: "c1", why: "it belongs to the task" },
        { id: "c5", why: "it is pinned" },
        { id: "c9", why: "there is no such cell" },
        { id: "c2", why: "needed by c3 (y)" },
      ],
    });
  });
  test("cells that need only each other go together", () => {
    const book = notebook(["a = 1"], ["b = a"], ["x = 3"]);
    expect(checkDrops(book, ["c2", "c1"], "x").drop).toEqual(["c1", "c2"]);
  });
  test("a later provider that goes as well does not release the earlier one", () => {
    const book = notebook(["x = 1"], ["x = 2"], ["y = x"]);
    expect(checkDrops(book, ["c1", "c2"], "y").drop).toEqual(["c1"]);
  });
});

test("tidy drops failed and repeated cells of the round, folds older ones, keeps what is pinned", () => {
  const book = notebook(
    ["t = 0", { role: "task", round: 0 }],
    ["a = 1", { round: 0 }],
    ["k = 1", { round: 0, pinned: true }],
    ["boom()", { failed: true }],
    ["print(1)"],
    ["print(1)"],
    ["x = a"],
  );
  expect(tidyNotebook(book, 1, "x")).toEqual([
    { type: "cell-dropped", id: "c4" },
    { type: "cell-dropped", id: "c5" },
    { type: "cell-marked", id: "c2", mark: { folded: true } },
  ]);
});
