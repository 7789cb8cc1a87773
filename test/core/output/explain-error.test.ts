import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adviseError } from "../../../src/core/output/advise-error.ts";
import { nearestNames } from "../../../src/core/python/nearest-names.ts";
import { explainError, explainInterrupt } from "../../../src/core/output/explain-error.ts";
import { codePlace } from "../../../src/core/output/traceback.ts";

const failing = (name: string, value: string, more: { source?: string; traceback?: string } = {}) =>
  explainError({ name, value, traceback: "", source: "", known: ["radii", "best_score", "f"], ...more }).join(
    " ",
  );

describe("a name that is not there", () => {
  test.each([
    ["radius", "Did you mean `radii`?"],
    ["bestScore", "Did you mean `best_score`?"],
    ["best_scores", "Did you mean `best_score`?"],
    ["np", "It was not imported: begin the cell with `import numpy as np`."],
    ["math", "It was not imported: begin the cell with `import math`."],
    ["centres", "The kernel has no `centres`: define it first. It has radii, best_score, f."],
    ["x", "The kernel has no `x`: define it first. It has radii, best_score, f."],
  ])("%s", (name, said) => {
    expect(failing("NameError", `name '${name}' is not defined`)).toBe(said);
  });

  test("a name is never its own neighbour, and what is near differs in a third of its letters at most", () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(
      fc.property(name, fc.array(name), (wanted, known) => {
        const near = nearestNames(wanted, known);
        expect(near).not.toContain(wanted);
        expect(near.length).toBeLessThanOrEqual(2);
        for (const one of near) expect(known).toContain(one);
      }),
    );
    expect(nearestNames("a", ["b", "c"])).toEqual([]);
  });
});

describe("a list that is no array", () => {
  test.each([
    [["a: float64 () = 1.0", "t: list of 40"], "Begin with `t = np.array(t)`."],
    [["y: list of 40", "t = [1.0, 2.0]"], "Begin with `y, t = np.array(y), np.array(t)`."],
    [["a = 1.0"], "A list does not calculate like an array: make one first, with `np.array(...)`."],
  ])("is named where the line's values are known: %j", (values, said) => {
    const failure = { name: "TypeError", value: "can't multiply sequence by non-int of type 'float'" };
    expect(explainError({ ...failure, values, traceback: "", source: "", known: [] })).toEqual([said]);
    const advice = adviseError(failure.name, failure.value, values);
    expect(`${advice.charAt(0).toUpperCase()}${advice.slice(1)}.`).toBe(said);
  });
});

describe("errors that small models make again and again", () => {
  const list = "A list does not calculate like an array: make one first, with `np.array(...)`.";
  test.each([
    ["TypeError", "can't multiply sequence by non-int of type 'numpy.float64'", list],
    ["TypeError", "unsupported operand type(s) for -: 'list' and 'float'", list],
    ["TypeError", "bad operand type for unary -: 'list'", list],
    ["AttributeError", "'list' object has no attribute 'shape'", list],
    ["AttributeError", "'list' object has no attribute 'add'", ""],
    [
      "TypeError",
      "only length-1 arrays can be converted to Python scalars",
      "`math` takes one number at a time: use the functions of `np` for arrays.",
    ],
    ["TypeError", "'float' object is not callable", "The name is of a value, not of a function."],
    ["ValueError", "math domain error", ""],
    ["NameError", "name 'scipy' is not defined", "It was not imported: begin the cell with `import scipy`."],
  ])("%s: %s", (name, value, said) => {
    expect(failing(name, value)).toBe(said);
  });
});

describe("what is no Python is named", () => {
  test.each([
    ["```python\nx = 1\n```", 1, "is a Markdown fence"],
    ["x = 1\nCell c3:\ny = 2", 2, "is a line of the notebook's view"],
    ["[c4 clean]\nsubmission = [1]", 1, "is a line of the notebook's view"],
    ["Output of c4:\n3", 1, "is a line of the notebook's view"],
    ["x = [1]\n=> 745", 2, "is a line of an output"],
    ["We place the circles on a grid.\nx = 1", 1, "is prose"],
    ["1. Improve the grid\nx = 1", 1, "is Markdown"],
    ["- try `ridge`\nx = 1", 1, "is Markdown"],
    ["x = 1\n**Note**: done", 2, "is Markdown"],
    ["<tool_call>\nx = 1", 1, "is a tag"],
    [">>> x = 1", 1, "is a prompt of a terminal"],
  ])("%j", (source, line, words) => {
    const traceback = `  Cell In[1], line ${line}\n    ...\n    ^\nSyntaxError: invalid syntax`;
    expect(failing("SyntaxError", "invalid syntax", { source, traceback })).toContain(
      `Line ${line} ${words}`,
    );
  });

  test.each([
    ["x = (1 +\n", "'(' was never closed"],
    ["def f():\n    s = '''abc", "unterminated triple-quoted string literal"],
    ["for i in range(3):", "expected an indented block after 'for' statement on line 1"],
  ])("%j is cut off", (source, value) => {
    const traceback = `  Cell In[1], line ${source.split("\n").length}\nSyntaxError: ${value}`;
    expect(failing("SyntaxError", value, { source, traceback })).toContain("cut off");
  });

  test.each(["x = = 1", "if x = 1:\n    pass", "print 'a'", "# Step 1: a comment of words\nx ==== 2"])(
    "%j is a slip in Python: its message says it",
    (source) => {
      const line = source.split("\n").length;
      const traceback = `  Cell In[1], line ${line}\nSyntaxError: invalid syntax`;
      expect(failing("SyntaxError", "invalid syntax", { source, traceback })).toBe("");
    },
  );
});

test("an error of another kind is its message alone", () => {
  expect(failing("ValueError", "bad")).toBe("");
});

describe("the line in which a cell was", () => {
  const traceback = [
    "KeyboardInterrupt                         Traceback (most recent call last)",
    "Cell In[3], line 6",
    "      4     while True:",
    "----> 6 spin()",
    "Cell In[2], line 5, in spin()",
    "      4     while True:",
    "----> 5         n += 1",
    "File /usr/lib/python3.11/time.py:9, in sleep()",
    "----> 9 wait()",
    "KeyboardInterrupt: ",
  ].join("\n");
  test("is the innermost of the user's own", () => {
    expect(codePlace(traceback)).toEqual({ line: 5, code: "n += 1" });
    expect(explainInterrupt(traceback)).toMatch(/^Stopped in line 5, `n \+= 1`\. Do less in one cell/);
  });
  test("is not made up", () => {
    expect(codePlace("KeyboardInterrupt: ")).toBeNull();
    expect(explainInterrupt("KeyboardInterrupt: ")).toMatch(/^Do less in one cell/);
  });
});
