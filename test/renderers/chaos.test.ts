import fc from "fast-check";
import { expect, test } from "vitest";
import { applyEdits, findCell, isCode, nextCellId } from "../../src/core/notebook/notebook.ts";
import type { Edit, PromptEvent, Notebook, Renderer, RenderInput } from "../../src/contracts/index.ts";
import { sampleNotebook, sampleInput } from "../../src/testing/conformance/renderer.ts";
import { logStructured, type ContextLog } from "../../renderers/index.ts";
import { addCell, callEvent } from "./played.ts";

type Op =
  | { readonly kind: "add"; readonly text: string; readonly fails: boolean }
  | { readonly kind: "rewrite" | "drop" | "fold" | "unfold" | "pin" | "summarise"; readonly cell: number }
  /** Done by the environment, in no result. */
  | { readonly kind: "outside"; readonly cell: number; readonly gone: boolean }
  | { readonly kind: "round" }
  | { readonly kind: "fork" | "resume" };

const at = fc.nat({ max: 30 });
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      text: fc.string({ maxLength: 200 }),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("rewrite", "drop", "fold", "unfold", "pin", "summarise"),
      cell: at,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("outside" as const), cell: at, gone: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "round" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("fork", "resume") }) },
);

interface State {
  readonly notebook: Notebook;
  readonly log: ContextLog;
  readonly folds: boolean;
}

/** What an operation does to the notebook, and the event of it; null: nothing is heard. */
function happening(
  notebook: Notebook,
  one: Op,
): { readonly edits: readonly Edit[]; readonly event: PromptEvent | null } {
  if (one.kind === "add") {
    const id = nextCellId(notebook);
    const edits = addCell(
      id,
      `v = ${JSON.stringify(one.text)}`,
      one.text,
      one.fails ? "ValueError: bad" : undefined,
    );
    return { edits, event: callEvent("run_code", {}, `${id} ran`, edits) };
  }
  if (!("cell" in one)) return { edits: [], event: null };
  const cell = notebook.cells[1 + (one.cell % Math.max(1, notebook.cells.length - 1))];
  if (cell === undefined || !isCode(cell)) return { edits: [], event: null };
  const edits = editsOf(cell.id, one);
  return {
    edits,
    event: one.kind === "outside" ? null : callEvent("cells", {}, `${one.kind} ${cell.id}`, edits),
  };
}

function editsOf(id: string, one: Extract<Op, { readonly cell: number }>): readonly Edit[] {
  switch (one.kind) {
    case "rewrite":
      return [{ type: "cell-rewritten", id, source: `rewritten_${one.cell} = 1` }];
    case "drop":
      return [{ type: "cell-dropped", id }];
    case "fold":
      return [{ type: "cell-marked", id, mark: { folded: true } }];
    case "unfold":
      return [{ type: "cell-marked", id, mark: { folded: false } }];
    case "pin":
      return [{ type: "cell-marked", id, mark: { pinned: true, folded: false } }];
    case "summarise":
      return [{ type: "cell-marked", id, mark: { folded: true, summary: "what it was for" } }];
    case "outside":
      return one.gone
        ? [{ type: "cell-dropped", id }]
        : [{ type: "cell-marked", id, mark: { state: "stale" } }];
  }
}

const inputOf = (notebook: Notebook): RenderInput => sampleInput(notebook, { budgetTokens: 50_000 });
const header: PromptEvent = { type: "round-started", header: "go" };

function step(renderer: Renderer<ContextLog>, { notebook, log }: State, one: Op): State {
  if (one.kind === "fork" || one.kind === "resume") {
    const copy: State = JSON.parse(JSON.stringify({ notebook, log, folds: false }));
    return copy;
  }
  if (one.kind === "round") {
    const ended = renderer.append(log, { type: "round-ended" }, inputOf(notebook));
    return {
      notebook,
      log: renderer.append(ended, header, inputOf(notebook)),
      folds: ended.events.length === 0,
    };
  }
  const { edits, event } = happening(notebook, one);
  const after = applyEdits(notebook, edits);
  return {
    notebook: after,
    log: event === null ? log : renderer.append(log, event, inputOf(after)),
    folds: false,
  };
}

function begin(renderer: Renderer<ContextLog>): State {
  const notebook = sampleNotebook([]);
  const log = renderer.append(renderer.open(inputOf(notebook)), header, inputOf(notebook));
  return { notebook, log, folds: false };
}

const renderers = [
  logStructured(),
  logStructured({ bounds: { least: 1, most: 300 }, openCells: 1 }),
  logStructured({ bounds: { least: 1, most: 1 }, openCells: 0 }),
];

test("whatever happens: frozen text stays, prompts grow within an epoch, every cell is told of, replay is the same", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40 }), fc.constantFrom(...renderers), (ops, renderer) => {
      let state = begin(renderer);
      const seen = new Map<string, string>();
      for (const one of ops) {
        const before = state;
        state = step(renderer, before, one);
        const prompt = renderer.prompt(state.log, inputOf(state.notebook));
        expect(state.log.frozen.slice(0, before.log.frozen.length)).toEqual(before.log.frozen);
        if (!state.folds) {
          const earlier = renderer.prompt(before.log, inputOf(before.notebook)).messages;
          expect(prompt.messages.slice(0, earlier.length)).toEqual(earlier);
        }
        for (const cell of state.notebook.cells) {
          const source = seen.get(cell.id);
          if (source === undefined) seen.set(cell.id, cell.cell_type);
          expect(seen.get(cell.id)).toBe(cell.cell_type);
        }
      }
      // What happened outside is heard of when the next round begins.
      state = step(renderer, state, { kind: "round" });
      const { messages } = renderer.prompt(state.log, inputOf(state.notebook));
      const text = JSON.stringify(messages).replaceAll("\\n", " ");
      for (const id of seen.keys()) expect(text).toMatch(new RegExp(`\\b${id}\\b`));
      for (const id of Object.keys(state.log.told)) expect(findCell(state.notebook, id)).toBeDefined();
      expect(text).not.toMatch(/[A-Za-z0-9+/]{201}/);
    }),
    { numRuns: 150 },
  );
});

test("the log after any history is a function of that history alone", () => {
  fc.assert(
    fc.property(fc.array(op, { maxLength: 25 }), (ops) => {
      const [, renderer] = renderers;
      if (renderer === undefined) return;
      const without = ops.filter(({ kind }) => kind !== "fork" && kind !== "resume");
      const play = (list: readonly Op[]): unknown => {
        const end = list.reduce((state, one) => step(renderer, state, one), begin(renderer));
        // Calls are numbered as they are made: their names differ, nothing else may.
        return JSON.parse(JSON.stringify(end).replaceAll(/"k\d+"/g, '"k"'));
      };
      expect(play(ops.map((one) => one))).toEqual(play(without));
    }),
    { numRuns: 60 },
  );
});
