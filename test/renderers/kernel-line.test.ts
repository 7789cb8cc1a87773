import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits } from "../../src/core/notebook/notebook.ts";
import { kernelNames } from "../../src/core/notebook/kernel-names.ts";
import { sampleInput, sampleNotebook } from "../../src/testing/conformance/renderer.ts";
import { besideKernelNames, kernelNamesLine } from "../../renderers/index.ts";

const notebookOf = (...sources: readonly string[]) =>
  sampleNotebook(sources.map((source) => ({ source, output: "" })));
const lineOf = (...sources: readonly string[]): string =>
  kernelNamesLine(sampleInput(notebookOf(...sources)));

describe("what the kernel holds, by the notebook alone", () => {
  test("functions with their signature, other names by name, each once where it was first defined", () => {
    expect(lineOf("import numpy as np\ndef f(x, y=2): return x", "best = 1\nw = f(1)", "best = 2")).toBe(
      "Defined in the kernel: f(x,y), best, w",
    );
    expect(lineOf("def f(x): ...", "class A(B): ...", "def f(x, z): ...")).toBe(
      "Defined in the kernel: f(x,z), class A(B)",
    );
  });

  test("a list is called one, so that nobody calculates with it as with an array", () => {
    expect(lineOf("t = [i / 10 for i in range(40)]", "w = f(t)")).toBe("Defined in the kernel: t: list, w");
  });

  test("cells that failed or never ran have defined nothing", () => {
    const notebook = applyEdits(notebookOf("good = 1", "bad = 1"), [
      { type: "cell-ran", id: "c3", outputs: [], status: "error", durationMs: 1 },
    ]);
    expect([...kernelNames(notebook).keys()]).toEqual(["good"]);
    expect(kernelNamesLine(sampleInput(notebookOf("print(1)")))).toBe("");
  });

  test("the newest twelve, without counters where there are more", () => {
    const names = Array.from({ length: 20 }, (_, i) => `value_${i}`);
    const line = kernelNamesLine(
      sampleInput(notebookOf(names.map((name) => `${name} = 0`).join("\n"), "i = 1"), {
        countTokens: () => 1,
      }),
    );
    expect(line).toBe(`Defined in the kernel: ${names.slice(8).join(", ")} and 8 more`);
  });

  test("within its share of the budget, which the view does not get", () => {
    const name = fc.stringMatching(/^[a-z_]{1,40}$/);
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 30 }),
        fc.integer({ min: 40, max: 4000 }),
        (names, budgetTokens) => {
          const input = sampleInput(notebookOf(...names.map((one) => `${one} = 1`)), { budgetTokens });
          const tokens = input.countTokens(kernelNamesLine(input));
          expect(tokens).toBeLessThanOrEqual(Math.min(28, budgetTokens / 10));
          expect(besideKernelNames(input).budgetTokens).toBe(budgetTokens - tokens);
        },
      ),
    );
  });
});
