import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAlike, fingerprintOf, traitsOf } from "../../../src/core/notebook/notebook-traits.ts";
import { codeCell, emptyNotebook, markdownCell } from "../../../src/core/notebook/notebook.ts";
import type { Notebook } from "../../../src/contracts/index.ts";

function notebook(...sources: readonly string[]): Notebook {
  const setup = codeCell("c1", "import numpy as np\nn = 26", { role: "task", round: 0 });
  const own = sources.map((source, i) => codeCell(`c${i + 2}`, source, { role: "code", round: 1 }));
  return {
    ...emptyNotebook(),
    cells: [setup, markdownCell("c99", "words", { role: "note", round: 1 }), ...own],
  };
}

const PROGRAM = `
from scipy.optimize import minimize
def energy(points):
    total = 0.0
    for i in range(len(points)):
        for j in range(i):
            gap = np.linalg.norm(points[i] - points[j])
            total += max(0.0, 0.2 - gap) ** 2
    return total
best = minimize(energy, start, method="SLSQP", options={"maxiter": 200})
circles = [(x, y, 0.1) for x, y in best.x.reshape(-1, 2)]
`;

const distance = (a: string, b: string): number =>
  Array.from({ length: 65 }, (_, bits) => bits).find((bits) => isAlike(a, b, bits)) ?? 65;

describe("fingerprint", () => {
  test("is that of the code: comments, layout, cells and given names do not matter", () => {
    const renamed = PROGRAM.replaceAll("energy", "cost")
      .replaceAll("circles", "answer")
      .replaceAll("best", "found");
    const commented = renamed
      .replace("total = 0.0", "total  =  0.0   # start")
      .replace("return total", "return total\n\n");
    const [one = "", two = ""] = commented.split(/(?=found = )/);
    expect(fingerprintOf(notebook(PROGRAM))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(notebook(one, two))).toBe(fingerprintOf(notebook(PROGRAM)));
  });

  test("few bits differ where little does, many where much does", () => {
    const base = fingerprintOf(notebook(PROGRAM));
    const nudged = fingerprintOf(notebook(PROGRAM.replace("200", "300")));
    const other = fingerprintOf(
      notebook(
        "import random\nrandom.seed(3)\nsubmission = sorted(random.random() for _ in range(26))\nprint(submission)",
      ),
    );
    expect(distance(base, nudged)).toBeLessThan(12);
    expect(distance(base, other)).toBeGreaterThan(16);
  });

  test("bits are counted", () => {
    const hex = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(hex, hex, (a, b) => {
        const text = (value: bigint): string => value.toString(16).padStart(16, "0");
        const bits = (a ^ b).toString(2).replaceAll("0", "").length;
        expect(distance(text(a), text(b))).toBe(bits);
      }),
    );
  });

  test("what is no Python has one too", () => {
    expect(fingerprintOf(notebook("%%bash\necho hi"))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(notebook("def (("))).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(emptyNotebook())).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("traits", () => {
  test("count what is not the task's", () => {
    const ran = codeCell("c7", "x = 1\n\n# nothing\ny = 2", { role: "code", round: 1, durationMs: 1500 });
    const book = notebook(PROGRAM, "import random, math\nprint(random.random())");
    expect(traitsOf({ ...book, cells: [...book.cells, ran] })).toMatchObject({
      "notebook.cells": 3,
      "notebook.lines": 14,
      "notebook.imports": 3,
      "notebook.families": 2,
      "notebook.family.gradient": 1,
      "notebook.family.sampling": 1,
      "notebook.family.annealing": 0,
      "notebook.seconds": 1.5,
      "notebook.rounds": 0,
    });
  });

  test("an empty notebook has none of anything", () => {
    expect(new Set(Object.values(traitsOf(emptyNotebook())))).toEqual(new Set([0]));
  });
});
