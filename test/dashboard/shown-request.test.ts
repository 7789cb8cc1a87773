// What a request becomes on the page, whoever wrote it, and which cells may be said to have been in it.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { codeCell } from "../../src/core/notebook/notebook.ts";
import { digestOf } from "../../src/core/notebook/cell-digest.ts";
import { cellsInRequest, shownMessages } from "../../src/dashboard/branch/shown-request.ts";

const said = (text: string) => shownMessages([{ role: "user", content: [{ type: "text", text }] }]);

test("any JSON is messages of texts, calls and pictures", () => {
  const part = fc.oneof(
    fc.jsonValue(),
    fc.record({ type: fc.constantFrom("image", "text"), text: fc.jsonValue(), base64: fc.jsonValue() }),
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ role: fc.jsonValue(), content: fc.array(part), calls: fc.array(fc.jsonValue()) }),
        ),
      ),
      (messages) => {
        const shown = shownMessages(messages);
        expect(shown.length).toBe(messages.length);
        for (const { role, pieces } of shown) {
          expect(typeof role).toBe("string");
          for (const piece of pieces)
            if (piece.kind === "picture") expect(piece.src ?? "data:image/").toMatch(/^data:image\//);
        }
      },
    ),
  );
});

test("text is as it was sent, and arguments are shown as their lines", () => {
  expect(said("a\n  b <script>")[0]?.pieces).toEqual([{ kind: "text", text: "a\n  b <script>" }]);
  const [message] = shownMessages([
    {
      role: "assistant",
      text: "",
      calls: [{ tool: "run_code", arguments: { source: "x = 1\ny = 2", n: 3 } }],
    },
  ]);
  expect(message?.pieces).toEqual([{ kind: "call", tool: "run_code", text: "source:\nx = 1\ny = 2\nn: 3" }]);
});

test("a cell is said to have been whole or folded only where its text or its line is there", () => {
  const mark = { role: "code", round: 1 } as const;
  const cells = [
    codeCell("c1", "weights = [1, 2, 3]", mark),
    codeCell("c2", "def improve(x):\n    return x + 1", mark),
    codeCell("c3", "print('another cell')", mark),
    codeCell("c4", "x", mark),
  ];
  const [, folded] = cells;
  if (folded === undefined) throw new Error("there are four cells");
  const messages = said(`Cell c1:\n${cells[0]?.source}\n${digestOf(folded)}\nx`);
  expect([...cellsInRequest(messages, cells)]).toEqual([
    ["c1", "whole"],
    ["c2", "folded"],
  ]);
});
