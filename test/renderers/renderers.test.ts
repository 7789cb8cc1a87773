import { describe, expect, test } from "vitest";
import { applyEdits } from "../../src/core/notebook/notebook.ts";
import { describeRenderer, sampleNotebook, sampleInput } from "../../src/testing/conformance/renderer.ts";
import {
  firstThatFits,
  viewFoldedCell,
  logStructured,
  plain,
  positional,
  transcriptRenderer,
} from "../../renderers/index.ts";

describeRenderer(() => plain());
describeRenderer(() => positional());
// The one of docs/guides/renderers.md.
describeRenderer(() =>
  transcriptRenderer("outline", (input) =>
    firstThatFits([input.notebook.cells.map((cell) => viewFoldedCell(cell, 120, input))], input),
  ),
);
describeRenderer(() => logStructured(), { grows: "epoch" });
// Folds at nearly every round.
describeRenderer(
  () => ({ ...logStructured({ bounds: { least: 1, most: 200 } }), name: "log-structured, eager" }),
  {
    grows: "epoch",
  },
);

describe("positional", () => {
  const view = (pinned: readonly string[] = []): string => {
    const list = Array.from({ length: 6 }, (_, i) => ({
      source: `v${i} = ${i}\nprint(v${i})`,
      output: `${i}\n`,
    }));
    const edits = pinned.map((id) => ({ type: "cell-marked" as const, id, mark: { pinned: true } }));
    const input = sampleInput(applyEdits(sampleNotebook(list), edits));
    const renderer = positional();
    const log = renderer.append(renderer.open(input), { type: "round-started", header: "go" }, input);
    const message = renderer.prompt(log, input).messages.at(-1);
    return message !== undefined && message.role === "user" && message.content[0]?.type === "text"
      ? message.content[0].text
      : "";
  };

  test("keeps the last three code cells open and folds the others to a line", () => {
    expect(view()).toMatchInlineSnapshot(`
      "# Notebook
      Cell c1 (task) is the task above.

      c2 clean 2L, 1 outputs: v0 = 0

      c3 clean 2L, 1 outputs: v1 = 1

      c4 clean 2L, 1 outputs: v2 = 2

      Cell c5:
      \`\`\`python
      v3 = 3
      print(v3)
      \`\`\`
      Output of c5:
      \`\`\`
      3
      \`\`\`

      Cell c6:
      \`\`\`python
      v4 = 4
      print(v4)
      \`\`\`
      Output of c6:
      \`\`\`
      4
      \`\`\`

      Cell c7:
      \`\`\`python
      v5 = 5
      print(v5)
      \`\`\`
      Output of c7:
      \`\`\`
      5
      \`\`\`

      Defined in the kernel: v0, v1, v2, v3, v4, v5

      # Round
      go"
    `);
  });

  test("keeps pinned cells open", () => {
    expect(view(["c2"])).toContain(
      "Cell c2 (pinned):\n```python\nv0 = 0\nprint(v0)\n```\nOutput of c2:\n```\n0\n```",
    );
  });
});
