import { describe, expect, test } from "vitest";
import { approximateTokens } from "../../../src/core/approximate-tokens.ts";
import { digestOf, moreNames } from "../../../src/core/notebook/cell-digest.ts";
import { DEFAULT_PRICING, foldThreshold } from "../../../src/core/fold-price.ts";
import { parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { applyEdits, codeCell, emptyNotebook, markdownCell } from "../../../src/core/notebook/notebook.ts";
import { ownNamesIn } from "../../../src/core/python/defined-names.ts";
import { tiktokenCounter } from "../../../src/models/catalogue/count-tokens.ts";
import type { Cell, CellMark, Output } from "../../../src/contracts/index.ts";
import { realNotebooks, withoutShared } from "../../support/shared-inputs.ts";

function ran(source: string, outputs: readonly Output[], mark: Partial<CellMark> = {}): Cell {
  const notebook = applyEdits(emptyNotebook(), [
    { type: "cell-added", cell: codeCell("c12", source, { role: "code", round: 1, ...mark }) },
    { type: "cell-ran", id: "c12", outputs, status: "ok", durationMs: 1 },
  ]);
  const [cell] = notebook.cells;
  if (cell === undefined) throw new Error("no cell");
  return cell;
}
const says = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
const picture: Output = { output_type: "display_data", data: { "image/png": "iVBORw0KGgo=" }, metadata: {} };

describe("a digest", () => {
  test("names what a cell defines and copies its last number", () => {
    const source =
      "import numpy as np\ndef baseline(X, y=None, *rest):\n  return 1\nmodel = baseline(1)\nscore = 2";
    const cell = ran(source, [says("fitting\nval rmse 0.8123\n"), picture]);
    expect(digestOf(cell)).toBe(
      "c12 5L defines baseline(X,y,rest), model,score | out: val rmse 0.8123 | 1 img",
    );
    expect(moreNames(cell)).toBe("");
  });

  test.each([
    ["its purpose comes first", ran("x = 1", [], { summary: "try ridge" }), "c12 1L try ridge defines x"],
    [
      "what its purpose names is not named again",
      ran("class search:\n  pass\nk = 2", [], { summary: "tools: class search" }),
      "c12 3L tools: class search defines k",
    ],
    [
      "a cell that defines nothing shows how it begins",
      ran("# look\nprint(df.head())", [says("7")]),
      "c12 2L begins: print(df.head()) | out: 7",
    ],
    [
      "an error is its message",
      ran("f()", [{ output_type: "error", ename: "E", evalue: "bad\nmore", traceback: [] }]),
      "c12 1L begins: f() | error: E: bad",
    ],
    [
      "a repr of an object is no headline",
      ran("f()", [says("loss 0.25\n<keras.History at 0x2b1bf5beb30>")]),
      "c12 1L begins: f() | out: loss 0.25",
    ],
    [
      "a plan is a plan",
      markdownCell("c3", "Try ridge.\nThen lasso.", { role: "plan", round: 1 }),
      "c3 plan 2L",
    ],
    [
      "a note begins",
      markdownCell("c3", "# Data\nfrom there", { role: "note", round: 1 }),
      "c3 note 2L # Data",
    ],
  ])("%s", (_, cell, digest) => {
    expect(digestOf(cell)).toBe(digest);
  });

  test("names that have no room are kept beside it, none twice", () => {
    const names = Array.from({ length: 24 }, (_, i) => `feature_column_${i}`);
    const cell = ran(names.map((name, i) => `${name} = ${i}`).join("\n"), [says("done 123456789")]);
    const all = `${digestOf(cell)} ${moreNames(cell)}`;
    const said = names.filter((name) => new RegExp(`\\b${name}\\b`).test(all));
    const counted = /\+(\d+)$/.exec(moreNames(cell))?.[1] ?? "0";
    expect(said.length + Number(counted)).toBe(names.length);
    expect(
      moreNames(cell)
        .split(",")
        .some((name) => digestOf(cell).split(/\W/).includes(name)),
    ).toBe(false);
  });

  test.skipIf(withoutShared !== null)("takes at most 60 tokens on real notebooks whose ids are short", () => {
    const countTokens = tiktokenCounter();
    for (const { name, text } of realNotebooks()) {
      if (name.includes("truncated")) continue;
      const cells = parseNotebook(text, name).cells.map((cell, i): Cell => ({ ...cell, id: `c${i + 1}` }));
      for (const cell of cells) expect(countTokens(digestOf(cell))).toBeLessThanOrEqual(60);
    }
  });
});

test("signatures are read from the syntax tree", () => {
  const source = [
    "%matplotlib inline",
    "@cached",
    "def f(a: int, b=g(1, 2), *, c) -> int: ...",
    "class A(B, metaclass=M):",
    "    def method(self): ...",
    "async def go(): ...",
    "if x:",
    "    def hidden(): ...",
  ].join("\n");
  expect(ownNamesIn(source).signatures.map(({ text }) => text)).toEqual([
    "f(a,b,c)",
    "class A(B, metaclass=M)",
    "go()",
  ]);
});

describe("when folding pays", () => {
  const pricing = (more: Partial<typeof DEFAULT_PRICING>) => ({ ...DEFAULT_PRICING, ...more });
  test("the closed form, between its bounds", () => {
    // sqrt(2 x 3000 / (0.1 x 500)) = 10.95 calls of 500 tokens
    expect(foldThreshold(3000, 500, DEFAULT_PRICING)).toBeCloseTo(5477.2, 1);
    expect(foldThreshold(100, 100, DEFAULT_PRICING)).toBe(3000);
    expect(foldThreshold(90_000, 5000, DEFAULT_PRICING)).toBe(12_000);
  });
  test("free caches fold for length alone, dear ones every round, and large minimums late", () => {
    expect(foldThreshold(3000, 500, pricing({ cachedShare: 0 }))).toBe(12_000);
    expect(foldThreshold(3000, 500, pricing({ cachedShare: 0.25 }))).toBe(0);
    expect(foldThreshold(100, 100, pricing({ minimumTokens: 4096 }))).toBe(5120);
  });
});

test("tokens are estimated within a fifth on ordinary text", () => {
  const countTokens = tiktokenCounter();
  const texts = [
    "The quick brown fox jumps over the lazy dog, and then it does so again.",
    "for i in range(10):\n    total += values[i] * weights[i]\nprint(f'{total:.3f}')",
    "iter 100 loss=0.340953 sum_radii=2.00412436 best=2.00412436 feasible=true",
  ];
  for (const text of texts) {
    expect(approximateTokens(text) / countTokens(text)).toBeGreaterThan(0.8);
    expect(approximateTokens(text) / countTokens(text)).toBeLessThan(1.25);
  }
});
