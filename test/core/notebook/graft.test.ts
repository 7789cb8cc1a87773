import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { neededCells } from "../../../src/core/notebook/dependencies.ts";
import { graftCells } from "../../../src/core/notebook/graft.ts";
import { parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { codeCell, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { namesIn } from "../../../src/core/python/python-names.ts";
import { stringifyNotebook } from "../../../src/core/notebook/save-notebook.ts";
import { renameNames, unsafeNames } from "../../../src/core/python/rename-names.ts";
import type { CellMark, Notebook } from "../../../src/contracts/index.ts";

type Line = string | readonly [source: string, mark: Partial<CellMark>];

function notebook(...lines: readonly Line[]): Notebook {
  const cells = lines.map((line, i) => {
    const [source, mark] = typeof line === "string" ? [line, {}] : line;
    const cell = codeCell(`c${i + 1}`, source, { role: "code", round: 1, ...mark });
    return { ...cell, metadata: { nbevolve: { role: "code", round: 1, state: "clean", ...mark } } } as const;
  });
  return { ...emptyNotebook(), cells };
}

const task: Partial<CellMark> = { role: "task", round: 0 };
const how = { from: "b5", round: 3, submission: "best" };
const sources = (first: Notebook, second: Notebook) =>
  graftCells(first, second, how).cells.map(({ source }) => source);

test("the closure is what an expression needs, and nothing else", () => {
  const book = notebook("a = 1", "b = 2", "unused = a", "c = a + 1", "c += b", "a = 9", "best = c");
  expect(neededCells(book, "best").map(({ id }) => id)).toEqual(["c1", "c2", "c4", "c5", "c7"]);
  expect(neededCells(book, "a").map(({ id }) => id)).toEqual(["c6"]);
  expect(neededCells(notebook("%run x.py", "a = 1"), "a").map(({ id }) => id)).toEqual(["c1", "c2"]);
});

describe("graft", () => {
  test("takes the closure of the second's submission, renames what clashes, and records where cells are from", () => {
    const first = notebook(["import math", task], "best = [1]");
    const second = notebook(
      ["import math", task],
      "def f(k): return math.sqrt(k)",
      "junk = 3",
      "best = [f(2)]",
    );
    const { cells, renames, skipped } = graftCells(first, second, how);
    expect(cells.map(({ source }) => source)).toEqual(["def f(k): return math.sqrt(k)", "best_b5 = [f(2)]"]);
    expect(cells.map(({ id, metadata }) => [id, metadata.nbevolve])).toEqual([
      ["c3", { role: "code", round: 3, state: "unexecuted", from: { branch: "b5", cell: "c2" } }],
      ["c4", { role: "code", round: 3, state: "unexecuted", from: { branch: "b5", cell: "c4" } }],
    ]);
    expect([...renames]).toEqual([["best", "best_b5"]]);
    const saved = stringifyNotebook({ ...first, cells });
    expect(parseNotebook(saved, "saved").cells.map(({ metadata }) => metadata.nbevolve)).toEqual(
      cells.map(({ metadata }) => metadata.nbevolve),
    );
    expect(skipped).toEqual([]);
  });

  test("what both have alike is not grafted again", () => {
    const first = notebook("data = [1, 2]", "best = data");
    const second = notebook("data = [1, 2]", "best = data[::-1]");
    expect(sources(first, second)).toEqual(["best_b5 = data[::-1]"]);
  });

  test("unless one of them changes it afterwards", () => {
    const first = notebook("data = [1, 2]", "data.append(3)", "best = data");
    const second = notebook("data = [1, 2]", "best = data[::-1]");
    expect(sources(first, second)).toEqual(["data_b5 = [1, 2]", "best_b5 = data_b5[::-1]"]);
    expect(sources(second, first)).toEqual(["data_b5 = [1, 2]", "data_b5.append(3)", "best_b5 = data_b5"]);
  });

  test.each([
    ["best = 1", "class A:\n    best = 2\nbest = A.best", /class has an attribute/],
    ["best = 1", "def f(best=0): return best\nbest = f(best=3)", /calls name a parameter/],
    ["best = 1", "%load_magic x\nbest = 2", /cannot be known/],
  ])("skips with a reason: %s + %s", (one, two, why) => {
    const { cells, skipped } = graftCells(notebook(one), notebook(two), how);
    expect(cells).toEqual([]);
    expect(skipped[0]?.why).toMatch(why);
  });

  test("skips a cell that failed, one that changes what is the task's, and what needs them", () => {
    const setup: Line = ["table = {}", task];
    const second = notebook(setup, "table[1] = 2\nk = 4", ["z = 1", { state: "failed" }], "best = [k, z]");
    const { cells, skipped } = graftCells(notebook(setup, "best = 0"), second, how);
    expect(cells).toEqual([]);
    expect(skipped).toEqual([
      { cell: "c3", why: "it failed there" },
      { cell: "c2", why: "it changes table of the first parent" },
      { cell: "c4", why: "it needs c2, which is skipped" },
    ]);
  });

  test("skips what goes on from a name of the task that a parent has changed", () => {
    const setup: Line = ["a = [1]", task];
    const why = (one: string, two: string) =>
      graftCells(notebook(setup, one), notebook(setup, two), how).skipped.map(({ why }) => why);
    expect(why("best = a", "a = a + [2]\nbest = a")).toEqual([
      "it goes on from a, which the first parent has too",
    ]);
    expect(why("a = [5]\nbest = a", "best = a + a")).toEqual(["the first parent has changed a"]);
  });

  test("never defines or changes a name of the first, and provides all that it uses", () => {
    const name = fc.constantFrom("a", "b", "c", "best");
    const line = fc
      .tuple(name, name, fc.constantFrom("=", "+=", "call"))
      .map(([to, from, how]) => (how === "call" ? `${to}.append(${from})` : `${to} ${how} [${from}]`));
    const lines = fc.array(line, { maxLength: 7 });
    const base: readonly Line[] = [["a = []\nb = []\nc = []\nbest = []", task]];
    fc.assert(
      fc.property(lines, lines, (one, two) => {
        const first = notebook(...base, ...one);
        const { cells } = graftCells(first, notebook(...base, ...two), how);
        const theirs = new Set(first.cells.flatMap(({ source }) => namesIn(source).defines));
        const there = new Set(theirs);
        for (const { source } of cells) {
          const { defines, mutates, uses } = namesIn(source);
          for (const used of [...uses, ...mutates]) expect(there).toContain(used);
          for (const changed of [...defines, ...mutates]) expect(theirs).not.toContain(changed);
          for (const defined of defines) there.add(defined);
        }
      }),
    );
  });
});

test("renaming leaves attributes, keywords and strings alone", () => {
  const source = 'x = f(x=x) + o.x + len("x")  # x\nprint(f"{x} x")';
  expect(renameNames(source, new Map([["x", "y"]]))).toBe(
    'y = f(x=y) + o.x + len("x")  # x\nprint(f"{y} x")',
  );
  expect([...unsafeNames(["from m import x"]).keys()]).toContain("x");
});
