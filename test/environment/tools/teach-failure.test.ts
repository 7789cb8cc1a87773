// What a result says of a failed cell, with real kernels: what a weak model can go on from.
import { describe, expect, test } from "vitest";
import { applyEdits, emptyNotebook } from "../../../src/core/notebook/notebook.ts";
import { runNewCell } from "../../../src/environment/tools/run-cell.ts";
import type { KernelLease, Notebook, ToolContext } from "../../../src/contracts/index.ts";
import { tinyTask } from "../../support/tiny-task.ts";
import { useRealKernels } from "../../kernels/real-kernels.ts";

const { lease } = useRealKernels();

/** Cells run one after the other, each in a notebook that has those before. */
function playing(kernel: KernelLease, cellTimeoutMs = 90_000) {
  let notebook: Notebook = emptyNotebook();
  return async (source: string): Promise<string> => {
    const context: ToolContext = {
      notebook,
      kernel,
      round: 1,
      limits: { ...tinyTask.limits, cellTimeoutMs },
      seesImages: false,
      signal: new AbortController().signal,
      score: async () => ({ valid: false, fitness: null, metrics: {}, message: "" }),
    };
    const { content, edits } = await runNewCell(context, source);
    notebook = applyEdits(notebook, edits);
    const [first] = content;
    return first?.type === "text" ? first.text : "";
  };
}

describe("a result", () => {
  test("says which names came into the kernel, and what they are", async () => {
    await using kernel = await lease();
    const play = playing(kernel);
    expect(await play("import numpy as np\nw = np.ones(40)\ndef f(x, y=1): return x")).toMatch(
      /^c1 ok [\d.]+s\nDefined: w: ndarray \(40,\), f\(x, y\)$/,
    );
    expect(await play("w = w * 2\nprint(w[0])")).toMatch(/^c2 ok [\d.]+s\n2\.0$/);
  });

  test("of a failed cell says what the line's names held, and what was meant", async () => {
    await using kernel = await lease();
    const play = playing(kernel);
    await play("import numpy as np\nradii = np.ones((3, 2))\ncount = 2");
    expect(await play("total = 0\nradii @ count")).toMatch(
      /\nIn line 2: radii: ndarray \(3, 2\) = \[\[.*\]\], count = 2/,
    );
    expect(await play("print(radius)")).toMatch(/NameError.*\n[^]*Did you mean `radii`\?/);
    expect(await play("import no_such_package")).toContain("`no_such_package` is not installed here");
    expect(await play("x = 1\nHere is the improved code for you:\ny = 2")).toContain(
      "Line 2 is prose, not Python: `Here is the improved code for you:`.",
    );
  });

  test("of a stopped cell says in which line it was", async () => {
    await using kernel = await lease();
    const play = playing(kernel, 1_000);
    const said = await play("n = 0\ndef spin():\n    global n\n    while True:\n        n += 1\nspin()");
    expect(said).toMatch(/^c1 interrupted [\d.]+s \(limit 1 s a cell\)/);
    expect(said).toMatch(/Stopped in line [45], `(while True:|n \+= 1)`\./);
  });

  test("the same error in a row changes the words", async () => {
    await using kernel = await lease();
    const play = playing(kernel);
    await play("good = 1");
    expect(await play("1 / 0")).not.toContain("in a row");
    expect(await play("2 / 0")).toContain("The same error twice in a row. Take a smaller step");
    const third = await play("1 / 0");
    expect(third).toContain("This is the code of c2 again.");
    expect(third).toContain("3 times in a row. Leave this way: go on from c1");
    await play("print(1)");
    expect(await play("1 / 0")).not.toContain("in a row");
  });
});
