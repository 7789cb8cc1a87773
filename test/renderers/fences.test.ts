import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fenceText, openingFence } from "../../src/core/output/fence.ts";
import { applyEdits, isCode } from "../../src/core/notebook/notebook.ts";
import type { Edit, Notebook, Renderer, RenderInput } from "../../src/contracts/index.ts";
import { sampleInput, sampleNotebook } from "../../src/testing/conformance/renderer.ts";
import { logStructured, plain, positional } from "../../renderers/index.ts";

/** The blocks of a text by the rule of Markdown, and the lines outside of them; `open`: one was never closed. */
function readBlocks(text: string) {
  const blocks: { readonly language: string; readonly text: string }[] = [];
  const outside: string[] = [];
  let block: { readonly ticks: string; readonly language: string; readonly lines: string[] } | null = null;
  for (const line of text.split("\n")) {
    const fence = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (block === null && fence !== null)
      block = { ticks: fence[1] ?? "", language: fence[2] ?? "", lines: [] };
    else if (block === null) outside.push(line);
    else if (fence !== null && fence[2]?.trim() === "" && (fence[1] ?? "").length >= block.ticks.length) {
      blocks.push({ language: block.language, text: block.lines.join("\n") });
      block = null;
    } else block.lines.push(line);
  }
  return { blocks, outside, open: block !== null };
}

const line = fc.constantFrom("x = 1", "```", "```python", "````", "  ```", "~~~", "", "a ``` b", "Cell c9:");
const content = fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n"));
const cells = fc.array(fc.record({ source: content, output: content }), { maxLength: 6 });

test("a block holds whatever is in it", () => {
  fc.assert(
    fc.property(content, (text) => {
      const { blocks, outside, open } = readBlocks(`before\n${fenceText(text, "python")}\nafter`);
      expect({ blocks, outside, open }).toEqual({
        blocks: [{ language: "python", text }],
        outside: ["before", "after"],
        open: false,
      });
    }),
  );
});

test("a text that is cut anywhere and opened again has only whole blocks", () => {
  fc.assert(
    fc.property(fc.array(content), fc.nat(), (texts, place) => {
      const lines = texts
        .map((text) => `Words.\n${fenceText(text, "python")}`)
        .join("\n")
        .split("\n");
      const from = place % (lines.length + 1);
      const opening = openingFence(lines, from);
      const cut = [...(opening === null ? [] : [opening]), ...lines.slice(from)].join("\n");
      expect(readBlocks(cut).open).toBe(false);
      expect(readBlocks(cut).outside.filter((one) => one !== "" && one !== "Words.")).toEqual([]);
    }),
  );
});

function messagesAtStart(renderer: Renderer, input: RenderInput): readonly string[] {
  const log = renderer.append(renderer.open(input), { type: "round-started", header: "go" }, input);
  return renderer
    .prompt(log, input)
    .messages.flatMap((message) => (message.role === "assistant" ? [] : message.content))
    .flatMap((part) => (part.type === "text" ? [part.text] : []));
}

const renderers: readonly Renderer[] = [
  logStructured(),
  logStructured({ wholeTokens: 1 }),
  plain(),
  positional(),
];

describe.each(renderers)("$name", (renderer) => {
  test("code and outputs stand in blocks alone; nothing else looks like them", () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 60, max: 4000 }), (list, budgetTokens) => {
        const pins = list.map((_, i): Edit => ({
          type: "cell-marked",
          id: `c${i + 2}`,
          mark: { pinned: i % 3 === 0 },
        }));
        const notebook: Notebook = applyEdits(sampleNotebook(list), pins);
        const sources = new Set(notebook.cells.filter(isCode).map(({ source }) => source));
        for (const text of messagesAtStart(renderer, sampleInput(notebook, { budgetTokens }))) {
          const { blocks, outside, open } = readBlocks(text);
          expect(open).toBe(false);
          const whole = !text.includes("not shown");
          for (const block of blocks)
            if (block.language === "python" && whole) expect(sources).toContain(block.text);
          for (const words of outside) expect(words).not.toMatch(/^x = 1|=>|^\[/);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("the task is said once, and its cell says where", () => {
    const statement = "Find the largest needle.\n\nMany words.";
    const notebook = sampleNotebook([{ source: "x = 1", output: "1" }]);
    const [task, ...rest] = notebook.cells;
    if (task === undefined) throw new Error("no cell");
    const said = { ...notebook, cells: [{ ...task, source: statement }, ...rest] };
    const texts = messagesAtStart(renderer, sampleInput(said, { statement })).join("\n");
    expect(texts.split("Find the largest needle.")).toHaveLength(2);
    expect(texts).toContain("Cell c1 (task) is the task above.");
    const other = messagesAtStart(renderer, sampleInput(said, { statement: "Another." })).join("\n");
    expect(other).toContain("Find the largest needle.");
  });
});
