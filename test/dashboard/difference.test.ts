// The difference of two notebooks: each cell is in one row of its side, in order; what is equal has no difference; and it is quick.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeCell } from "../../src/core/notebook/notebook.ts";
import { alignCells, groupRows, isChanged } from "../../src/dashboard/difference/align.ts";
import { changedLines } from "../../src/dashboard/difference/words.ts";
import type { Cell } from "../../src/contracts/index.ts";

const cell = (id: string, source: string): Cell => codeCell(id, source, { role: "code", round: 0 });
const cells = fc
  .uniqueArray(
    fc.record({
      id: fc.nat(30).map((n) => `c${n}`),
      source: fc.constantFrom("", "x = 1", "y = 2", "long_name = 3\nz", "other = 4\nz"),
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  )
  .map((list) => list.map(({ id, source }) => cell(id, source)));

describe("cells", () => {
  test("each is in one row of its side, and those of the right side stay in their order", () => {
    fc.assert(
      fc.property(cells, cells, (left, right) => {
        const rows = alignCells(left, right);
        expect(rows.flatMap((row) => row.right ?? [])).toEqual(right);
        expect(rows.flatMap((row) => row.left?.id ?? []).toSorted()).toEqual(
          left.map(({ id }) => id).toSorted(),
        );
        const unmoved = rows.filter(({ isMoved }) => !isMoved).flatMap((row) => row.left ?? []);
        const places = unmoved.map((one) => left.indexOf(one));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        const grouped = groupRows(rows).flatMap((group) =>
          group.kind === "same" ? group.rows : [group.row],
        );
        expect(grouped).toEqual(rows);
      }),
    );
  });

  test("of equal notebooks have no difference", () => {
    fc.assert(
      fc.property(cells, (list) => {
        expect(alignCells(list, structuredClone(list)).some(isChanged)).toBe(false);
      }),
    );
  });

  test("are found again where their ids changed, and are new where only their ids are the same", () => {
    const left = [cell("c1", "import numpy"), cell("c2", "def f(x):\n    return x")];
    const right = [
      cell("c9", "import numpy"),
      cell("c2", "def f(x):\n    return x + 1"),
      cell("c1", "plot(f)"),
    ];
    expect(
      alignCells(left, right).map((row) => [row.left?.id, row.right?.id, row.isEdited, row.isMoved]),
    ).toEqual([
      ["c1", "c9", false, false],
      ["c2", "c2", true, false],
      [undefined, "c1", false, false],
    ]);
  });

  test("one that went elsewhere is moved, and the others are not", () => {
    const list = ["a", "b", "c", "d"].map((id) => cell(id, `name_${id} = 1`));
    const moved = [list[3], list[0], list[1], list[2]].flatMap((one) => one ?? []);
    expect(alignCells(list, moved).map(({ isMoved }) => isMoved)).toEqual([true, false, false, false]);
  });

  test("five thousand take little longer for each than five hundred", () => {
    const notebook = (many: number, add: number): Cell[] =>
      Array.from({ length: many }, (_, n) =>
        cell(`c${(n * 7) % many}`, `same = 1\nx${(n + add) % many} = ${n % 5}`),
      );
    const timeOf = (many: number): number => {
      const [left, right] = [notebook(many, 0), notebook(many, 3)];
      const started = performance.now();
      alignCells(left, right);
      return performance.now() - started;
    };
    timeOf(500);
    expect(timeOf(5_000)).toBeLessThan(40 * Math.max(5, timeOf(500)));
  });
});

test("lines of a change give back both texts", () => {
  const text = fc
    .array(fc.constantFrom("a b c", "a x c", "", "def f():", "    return 1", "    return 2"))
    .map((lines) => lines.map((line) => `${line}\n`).join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = changedLines(before, after);
      const side = (without: string): string =>
        lines
          .filter(({ kind }) => kind !== without)
          .map(({ pieces }) => `${pieces.map((piece) => piece.text).join("")}\n`)
          .join("");
      expect(
        before === "" && after === "" ? "" : side("new").replace(/^\n$/, before === "" ? "" : "\n"),
      ).toBe(before);
      expect(
        before === "" && after === "" ? "" : side("gone").replace(/^\n$/, after === "" ? "" : "\n"),
      ).toBe(after);
    }),
  );
  const [gone, fresh] = changedLines("x = 1 + y\n", "x = 2 + y\n");
  expect(gone?.pieces.filter(({ isChanged: is }) => is).map((piece) => piece.text)).toEqual(["1"]);
  expect(fresh?.pieces.filter(({ isChanged: is }) => is).map((piece) => piece.text)).toEqual(["2"]);
});
