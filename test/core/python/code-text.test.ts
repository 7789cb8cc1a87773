// Code as models write it where a string of code is asked for: read where it has one meaning, else left alone.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCodeText } from "../../../src/core/python/code-text.ts";

const CODE = "x = 1\nprint(x)";

test.each<[string, Parameters<typeof readCodeText>[0], string | undefined]>([
  ["code", CODE, CODE],
  ["a fence", "```python\nx = 1\nprint(x)\n```", CODE],
  ["a fence without a language", "```\nx = 1\nprint(x)\n```", CODE],
  ["a fence of tildes", "~~~py\nx = 1\nprint(x)\n~~~", CODE],
  ["a long fence around three marks", '````python\nx = """\n```\n"""\n````', 'x = """\n```\n"""'],
  ["a fence with white space around it", "\n ```Python3 \nx = 1\nprint(x)\n``` \n", CODE],
  ["a fence with the line ends of Windows", "```python\r\nx = 1\r\nprint(x)\r\n```\r\n", CODE],
  ["lines with their ends", ["x = 1\n", "print(x)"], CODE],
  ["lines without their ends", ["x = 1", "print(x)"], CODE],
  ["one line", ["x = 1"], "x = 1"],
  ["lines of a fence", ["```python\n", "x = 1\n", "print(x)\n", "```"], CODE],
  ["another language", "```sql\nselect 1\n```", "```sql\nselect 1\n```"],
  ["words before the fence", "Try:\n```python\nx\n```", "Try:\n```python\nx\n```"],
  ["words after the fence", "```python\nx\n```\nDone.", "```python\nx\n```\nDone."],
  ["two fences", "```python\nx\n```\n```python\ny\n```", "```python\nx\n```\n```python\ny\n```"],
  ["a fence that does not end", "```python\nx = 1", "```python\nx = 1"],
  ["another cell's magic", "%%markdown\n```\nx\n```", "%%markdown\n```\nx\n```"],
  ["an empty list", [], undefined],
  ["a list of other things", ["x = 1", 2], undefined],
  ["a number", 7, undefined],
  ["an object", { source: "x" }, undefined],
])("%s", (_, value, code) => {
  expect(readCodeText(value)).toBe(code);
});

test("code in a fence, and the same as lines, is that code", () => {
  const line = fc.string({ unit: fc.constantFrom("a", " ", "=", "'", "#", "\\", "é", "`") });
  const lines = fc
    .array(line, { minLength: 1, maxLength: 6 })
    .filter((all) => !all.some((one) => one.includes("```")));
  fc.assert(
    fc.property(lines, (all) => {
      const code = all.join("\n");
      expect(readCodeText(`\`\`\`python\n${code}\n\`\`\``)).toBe(code);
      expect(readCodeText(all.length > 1 ? all : [code])).toBe(code);
    }),
  );
});
