// A call is mended where it has one meaning; the model is told, and the rest is left as it came.
import fc from "fast-check";
import { expect, test } from "vitest";
import { notebookTools } from "../../../src/environment/tools/index.ts";
import { mendCall } from "../../../src/environment/tools/mend-call.ts";
import type { Json } from "../../../src/contracts/index.ts";
import { tinyTask } from "../../support/tiny-task.ts";

const tools = notebookTools(tinyTask, [], "full");
const mend = (tool: string, given: Json) => {
  const found = tools.find(({ name }) => name === tool);
  if (found === undefined) throw new Error(`there is no tool ${tool}`);
  const { call, mended } = mendCall({ id: "k", tool, arguments: given }, found, tools);
  return { arguments: call.arguments, mended };
};

test.each<[string, Json, Json, RegExp]>([
  ["run_code", { source: "```python\nx = 1\n```" }, { source: "x = 1" }, /^`source` was in a code fence/],
  ["run_code", { source: ["x = 1\n", "y = 2"] }, { source: "x = 1\ny = 2" }, /^`source` was a list of lines/],
  ["edit_run", { id: "c1", source: ["x"] }, { id: "c1", source: "x" }, /^`source` was a list of lines/],
  ["run_code", { source: "x = '\uD83D'" }, { source: "x = '\uFFFD'" }, /^Half of a character/],
  ["note", { text: "done \uDE00" }, { text: "done \uFFFD" }, /^Half of a character/],
  ["run_code", "x\uD83D", "x\uFFFD", /^Half of a character/],
])("%s of %j", (tool, given, taken, words) => {
  const { arguments: fitted, mended } = mend(tool, given);
  expect(fitted).toEqual(taken);
  expect(mended).toMatch(words);
});

test("the line ends of Windows are those of cells, without a word", () => {
  const given = { id: "c1", old: "a\r\nb", new: "c\rd" };
  expect(mend("edit_run", given)).toEqual({
    arguments: { id: "c1", old: "a\nb", new: "c\nd" },
    mended: "",
  });
});

test.each<[string, Json]>([
  ["run_code", { source: "x = 1", comment: "```python\nx\n```" }],
  ["run_code", { source: 7 }],
  ["run_code", {}],
  ["run_code", null],
  ["note", { text: "```python\nx\n```" }],
  ["edit_run", { id: "c1", old: ["x"], new: "y" }],
])("%s of %j stays as it is", (tool, given) => {
  expect(mend(tool, given)).toEqual({ arguments: given, mended: "" });
});

test("what is carried out is well formed, whatever came", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: "binary" }),
      fc.string({ unit: fc.constantFrom("a", "\uD83D", "\uDE00") }),
      (value, text) => {
        const given = JSON.parse(JSON.stringify({ source: text, other: value })) as Json;
        expect(JSON.stringify(mend("run_code", given).arguments)).not.toMatch(/\\ud[89a-f]/);
      },
    ),
  );
});
