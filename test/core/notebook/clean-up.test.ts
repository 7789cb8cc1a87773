import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDrops, tidyNotebook, withoutCells } from "../../../src/core/notebook/clean-up.ts";
import { staleAfter } from "../../../src/core/notebook/dependencies.ts";
import { applyEdits, codeCell, emptyNotebook, hasRun } from "../../../src/core/notebook/notebook.ts";
import { UsersBelow, type Dependent } from "../../../src/core/notebook/users-below.ts";
import { namesIn } from "../../../src/core/python/python-names.ts";
import type { Cell, CellId, CellMark, Edit, Notebook } from "../../../src/contracts/index.ts";

type Source = readonly [source: string, mark?: Partial<CellMark> & { failed?: boolean }];

/** Cells c1, c2, ... that ran. */
function notebook(...sources: readonly Source[]): Notebook {
  const edits = sources.flatMap(([source, { failed = false, ...mark } = {}], i): Edit[] => [
    { type: "cell-added", cell: codeCell(`c${i + 1}`, source, { role: "code", round: 1, ...mark }) },
    { type: "cell-ran", id: `c${i + 1}`, outputs: [], status: failed ? "error" : "ok", durationMs: 1 },
  ]);
  return applyEdits(emptyNotebook(), edits);
}

/** Who uses what one cell provides. */
function dependentsOf(book: Notebook, id: CellId, submission?: string): readonly Dependent[] {
  const below = new UsersBelow();
  if (submission !== undefined) below.put("submission", namesIn(submission));
  for (const cell of book.cells.toReversed()) {
    if (cell.id === id) return below.find(namesIn(cell.source));
    below.put(cell.id, namesIn(cell.source));
  }
  return [];
}

describe("users below", () => {
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
  test("a cell that provides nothing is needed by nobody", () => {
    expect(dependentsOf(notebook(["print(1)"], ["%run z.py"]), "c1")).toEqual([]);
  });
  test("all names of each, the nearest first, as many as are asked for", () => {
    const book = notebook(["x = y = 1"], ["print(y)"], ["print(y, x)"], ["print(x)"]);
    expect(dependentsOf(book, "c1")).toEqual([
      { id: "c2", names: ["y"] },
      { id: "c3", names: ["x", "y"] },
      { id: "c4", names: ["x"] },
    ]);
    const below = new UsersBelow();
    for (const { id, source } of book.cells.slice(1).toReversed()) below.put(id, namesIn(source));
    expect(below.find(namesIn("x = y = 1"), 2)).toEqual(dependentsOf(book, "c1").slice(0, 2));
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
  test("of many users some are named", () => {
    const users = Array.from({ length: 12 }, (_, at): Source => [`y${at} = x`]);
    const { kept } = checkDrops(notebook(["x = 1"], ...users), ["c1"], "y0");
    expect(kept[0]?.why).toMatch(/^needed by c2 \(x\), .*, c11 \(x\) and more$/);
  });
});

describe("any notebook", () => {
  const names = ["a", "b", "c", "d"];
  const name = fc.constantFrom(...names);
  const line = fc.oneof(
    fc.tuple(name, name).map(([to, from]) => `${to} = ${from}`),
    fc.tuple(name, name).map(([to, from]) => `${to}.append(${from})`),
    fc.tuple(name, name).map(([to, from]) => `print(${to}, ${from})`),
    fc.constantFrom("%run x.py", "from m import *", "pass", "a = b = 1", "d += c"),
  );
  const source = fc.tuple(line, fc.boolean()).map(([text, failed]): Source => [text, { failed }]);
  const books = fc.array(source, { minLength: 1, maxLength: 9 }).map((sources) => notebook(...sources));

  test("what may go is what no cell that stays uses, asked from the end, again after each that must stay", () => {
    fc.assert(
      fc.property(books, fc.array(fc.nat(9)), name, (book, numbers, submission) => {
        const ids = numbers
          .map((at) => `c${at + 1}`)
          .filter((id) => book.cells.some((cell) => cell.id === id));
        const asked = new Set(ids);
        const isNeeded = ({ id }: Cell): boolean => {
          const others = new Set([...asked].filter((one) => one !== id));
          return asked.has(id) && dependentsOf(withoutCells(book, others), id, submission).length > 0;
        };
        for (let cell = book.cells.findLast(isNeeded); cell; cell = book.cells.findLast(isNeeded))
          asked.delete(cell.id);
        const { drop, kept } = checkDrops(book, ids, submission);
        expect(new Set(drop)).toEqual(asked);
        expect(new Set([...drop, ...kept.map(({ id }) => id)])).toEqual(new Set(ids));
      }),
    );
  });

  test("what is out of date is what uses what changed, and what uses that", () => {
    fc.assert(
      fc.property(books, (book) => {
        const stale = new Set<CellId>(["c1"]);
        for (const provider of stale)
          for (const { id } of dependentsOf(book, provider))
            if (book.cells.some((cell) => cell.id === id && hasRun(cell))) stale.add(id);
        expect(staleAfter(book, "c1").map(({ id }) => id)).toEqual(
          book.cells.map(({ id }) => id).filter((id) => id !== "c1" && stale.has(id)),
        );
      }),
    );
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
