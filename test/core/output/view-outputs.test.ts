import { describe, expect, test } from "vitest";
import { parseNotebook } from "../../../src/core/notebook/load-notebook.ts";
import { applyEdits, codeCell, emptyNotebook, isCode } from "../../../src/core/notebook/notebook.ts";
import { limitImages } from "../../../src/core/output/pictures.ts";
import { sameOutputAs, fullOutputText, viewOutputs } from "../../../src/core/output/view-outputs.ts";
import { viewSource } from "../../../src/core/output/view-source.ts";
import { tiktokenCounter } from "../../../src/models/catalogue/count-tokens.ts";
import type { Output } from "../../../src/contracts/index.ts";
import { progressBar } from "../../../benchmarks/context/outputs-measure.ts";
import { realNotebooks, withoutShared } from "../../support/shared-inputs.ts";

const countTokens = tiktokenCounter();
const stream = (text: string, name: "stdout" | "stderr" = "stdout"): Output => ({
  output_type: "stream",
  name,
  text,
});

describe("a cell's outputs", () => {
  test("a thousand updates of a progress bar are its last state, however they were sent", () => {
    const whole = viewOutputs([stream(progressBar(), "stderr")]).text;
    expect(whole).toMatch(/^train: 100%.*1000\/1000/);
    expect(countTokens(whole)).toBeLessThanOrEqual(40);
    const pieces = progressBar()
      .split(/(?=\r)/)
      .map((piece) => stream(piece, "stderr"));
    expect(viewOutputs(pieces).text).toBe(whole);
  });

  test("a folded log says from which line on it can be read, and that line is the one", () => {
    const log = Array.from({ length: 500 }, (_, i) => `step ${i} of ${"word ".repeat(i % 7)}${i}`).join("\n");
    const { text } = viewOutputs([stream("first\n"), stream(log)], { id: "c12", maxTokens: 200 });
    const from = Number(/omitted; read\(c12, output, from=(\d+)\)/.exec(text)?.[1]);
    const before = text.split("\n").findIndex((line) => line.includes("omitted; read"));
    const lines = fullOutputText([stream("first\n"), stream(log)]).split("\n");
    expect(lines[from - 2]).toBe(text.split("\n")[before - 1]);
    expect(countTokens(text)).toBeLessThanOrEqual(220);
  });

  test("an error is its message and its own frames; the whole traceback can be read", () => {
    const error: Output = {
      output_type: "error",
      ename: "ValueError",
      evalue: "no",
      traceback: [
        "\u001B[31mValueError\u001B[0m Traceback",
        "Cell In[1], line 1\n----> 1 f()",
        "ValueError: no",
      ],
    };
    expect(viewOutputs([error]).text).toBe("ValueError: no\nat Cell In[1], line 1\n  ----> 1 f()");
    expect(fullOutputText([error])).toBe(
      "ValueError Traceback\nCell In[1], line 1\n----> 1 f()\nValueError: no",
    );
  });

  test("pictures come once each, with a placeholder where they were", () => {
    const picture: Output = {
      output_type: "display_data",
      data: { "image/png": "iVBORw0KGgo=" },
      metadata: {},
    };
    const view = viewOutputs([stream("a"), picture, picture]);
    expect(view.images).toHaveLength(1);
    expect(view.text).toMatch(/^a\n\[png .*\]\n\[png .*\]$/);
    const fine = { ...picture, metadata: { "image/png": { width: 259, height: 259 } } };
    expect(viewOutputs([fine]).images).toEqual([
      { mime: "image/png", base64: "iVBORw0KGgo=", shownWidth: 259 },
    ]);
  });

  test("of many pictures some are sent, and the rest announced with the call that shows them", () => {
    const images = ["a", "b", "c", "d", "e", "f"].map((base64) => ({ mime: "image/png", base64 }));
    const some = limitImages(images, "c3");
    expect(some.images).toHaveLength(4);
    expect(some.line).toContain("2 more of 6 pictures; read(c3, image, from=5)");
    expect(limitImages(images, "c3", 5)).toEqual({ images: images.slice(4), line: "" });
    expect(limitImages(images.slice(0, 1), "c3").line).toBe("");
  });

  test("an output that was there before is found, a short one is not worth it", () => {
    const long = [stream("value ".repeat(200))];
    const ran = (id: string, outputs: readonly Output[]) => [
      { type: "cell-added" as const, cell: codeCell(id, "x", { role: "code", round: 1 }) },
      { type: "cell-ran" as const, id, outputs, status: "ok" as const, durationMs: 1 },
    ];
    const notebook = applyEdits(emptyNotebook(), [...ran("c1", long), ...ran("c2", [stream("a")])]);
    expect(sameOutputAs(notebook, "c3", long)).toBe("c1");
    expect(sameOutputAs(notebook, "c1", long)).toBeNull();
    expect(sameOutputAs(notebook, "c3", [stream("a")])).toBeNull();
  });
});

describe.skipIf(withoutShared !== null)(`real notebooks (${withoutShared ?? "beside the checkout"})`, () => {
  const loaded = (): readonly ReturnType<typeof parseNotebook>[] =>
    realNotebooks()
      .filter(({ name }) => !name.includes("truncated"))
      .map(({ name, text }) => parseNotebook(text, name));

  test("every cell open: few tokens, no base64, everything within its limit", () => {
    const sizes = loaded().map((notebook) => {
      const texts = notebook.cells.flatMap((cell) => [
        viewSource(cell.source, `read(${cell.id}, source`),
        isCode(cell) ? viewOutputs(cell.outputs, { id: cell.id, countTokens }).text : "",
      ]);
      for (const text of texts) expect(text).not.toMatch(/[A-Za-z0-9+/]{201}/);
      return texts.reduce((sum, text) => sum + countTokens(text), 0);
    });
    const sorted = sizes.toSorted((a, b) => a - b);
    expect(sorted).toHaveLength(42);
    expect(sorted[21]).toBeLessThanOrEqual(4100);
    expect(sorted.at(-1)).toBeLessThanOrEqual(60_000);
  });

  test("outputs keep to their tokens by exact count, and tracebacks are short", () => {
    const outputs = loaded().flatMap((notebook) =>
      notebook.cells.flatMap((cell) => (isCode(cell) ? [cell.outputs] : [])),
    );
    for (const list of outputs) {
      expect(countTokens(viewOutputs(list, { maxTokens: 300, countTokens }).text)).toBeLessThanOrEqual(300);
    }
    const errors = outputs.flat().filter(({ output_type }) => output_type === "error");
    const tokens = errors.reduce((sum, error) => sum + countTokens(viewOutputs([error]).text), 0);
    expect(errors).toHaveLength(12);
    expect(tokens).toBeLessThanOrEqual(1600);
  });
});
