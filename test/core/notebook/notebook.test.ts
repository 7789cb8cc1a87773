import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyEdits,
  codeCell,
  emptyNotebook,
  findCell,
  markdownCell,
  markOf,
  nextCellId,
  advanceState,
  type NotebookState,
} from "../../../src/core/notebook/notebook.ts";
import type { Edit, Notebook } from "../../../src/contracts/index.ts";

const code = (id: string, source = "x = 1") => codeCell(id, source, { role: "code", round: 1 });
const add = (id: string, source?: string): Edit => ({ type: "cell-added", cell: code(id, source) });
const ran = (id: string, status: "ok" | "error" | "interrupted" | "died" = "ok"): Edit => ({
  type: "cell-ran",
  id,
  status,
  durationMs: 3,
  outputs: [{ output_type: "stream", name: "stdout", text: "hi\n" }],
});

describe("edits", () => {
  test("a cell goes after the one named, or to the end", () => {
    const notebook = applyEdits(emptyNotebook(), [
      add("c1"),
      add("c2"),
      { type: "cell-added", cell: code("c3"), after: "c1" },
    ]);
    expect(notebook.cells.map(({ id }) => id)).toEqual(["c1", "c3", "c2"]);
  });

  test("running sets state, outputs and a count of the lineage's own", () => {
    const notebook = applyEdits(emptyNotebook(), [add("c1"), add("c2"), ran("c2"), ran("c1", "error")]);
    expect(findCell(notebook, "c1")).toMatchObject({
      execution_count: 2,
      metadata: { tags: ["raises-exception"], nbevolve: { state: "failed" } },
    });
    expect(findCell(notebook, "c2")).toMatchObject({
      execution_count: 1,
      metadata: { nbevolve: { state: "clean", durationMs: 3 } },
    });
    expect(findCell(notebook, "c2")?.metadata.tags).toBeUndefined();
    const again = applyEdits(notebook, [ran("c1")]);
    expect(findCell(again, "c1")?.metadata.tags).toEqual([]);
  });

  test.each(["interrupted", "died"] as const)("a cell that %s is tagged to be skipped", (status) => {
    const notebook = applyEdits(emptyNotebook(), [add("c1"), ran("c1", status)]);
    expect(findCell(notebook, "c1")?.metadata.tags).toEqual(["skip-execution"]);
  });

  test("rewriting clears what the old source gave", () => {
    const notebook = applyEdits(emptyNotebook(), [
      add("c1"),
      ran("c1"),
      { type: "cell-rewritten", id: "c1", source: "y = 2" },
    ]);
    expect(findCell(notebook, "c1")).toMatchObject({
      source: "y = 2",
      outputs: [],
      execution_count: null,
      metadata: { nbevolve: { state: "dirty" } },
    });
  });

  test("ids of dropped cells are never given again", () => {
    const notebook = applyEdits(emptyNotebook(), [add("c1"), add("c2"), { type: "cell-dropped", id: "c2" }]);
    expect(nextCellId(notebook)).toBe("c3");
  });

  test("an id that is not there, or is there already, is a RangeError that names it", () => {
    expect(() => applyEdits(emptyNotebook(), [ran("c9")])).toThrow(new RangeError("no cell c9"));
    const notebook = applyEdits(emptyNotebook(), [add("c1")]);
    expect(() => applyEdits(notebook, [add("c1")])).toThrow(new RangeError("cell c1 is there already"));
  });
});

type Op = {
  readonly kind: "add" | "insert" | "run" | "rewrite" | "mark" | "drop" | "note";
  readonly at: number;
  readonly text: string;
};
const ops = fc.array(
  fc.record({
    kind: fc.constantFrom<Op["kind"]>("add", "insert", "run", "rewrite", "mark", "drop", "note"),
    at: fc.nat(20),
    text: fc.string(),
  }),
);

function editFor(notebook: Notebook, { kind, at, text }: Op): Edit | null {
  const id = notebook.cells[at % Math.max(1, notebook.cells.length)]?.id;
  if (kind === "add") return { type: "cell-added", cell: code(nextCellId(notebook), text) };
  if (kind === "note")
    return { type: "cell-added", cell: markdownCell(nextCellId(notebook), text, { role: "note", round: 1 }) };
  if (id === undefined) return null;
  if (kind === "insert") return { type: "cell-added", cell: code(nextCellId(notebook), text), after: id };
  if (kind === "run") return ran(id);
  if (kind === "mark") return { type: "cell-marked", id, mark: { folded: true } };
  return kind === "rewrite" ? { type: "cell-rewritten", id, source: text } : { type: "cell-dropped", id };
}

test("property: any edits keep ids unique, never reuse one, leave the old value alone, and the recipe follows the cells", () => {
  fc.assert(
    fc.property(ops, (list) => {
      const start: NotebookState = { notebook: emptyNotebook(), kernel: { recipe: [] } };
      const edits: Edit[] = [];
      let situation = start;
      const seen = new Set<string>();
      for (const op of list) {
        const edit = editFor(situation.notebook, op);
        if (edit === null) continue;
        edits.push(edit);
        const before = JSON.stringify(situation);
        const next = advanceState(situation, [edit]);
        expect(JSON.stringify(situation)).toBe(before);
        if (edit.type === "cell-added") {
          expect(seen.has(edit.cell.id)).toBe(false);
          seen.add(edit.cell.id);
        }
        situation = next;
        const ids = situation.notebook.cells.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(situation.kernel.recipe.every(({ cell }) => ids.includes(cell))).toBe(true);
      }
      for (const cell of situation.notebook.cells) expect(markOf(cell).round).toBe(1);
      // To the letter: notebooks are known by their hash.
      expect(JSON.stringify(advanceState(start, edits))).toBe(JSON.stringify(situation));
    }),
  );
});
