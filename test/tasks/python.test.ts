// What is read from Python source without running it.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findPython } from "../../src/machine/python/find-python.ts";
import type { Json } from "../../src/contracts/index.ts";
import { toPython } from "../../src/core/python/python-literal.ts";
import { syntaxFault, assignmentsIn, bindingOf, isExpression } from "../../src/tasks/python-source.ts";

describe("syntax", () => {
  it.each([
    "",
    "x = 1.\ny = 2.*x\nz = [4., 5.]",
    "with (open('a') as f, open('b') as g):\n    pass",
    "with f() as (a, b):\n    pass",
    "def g():\n    yield\n    x = yield",
    "match x:\n    case ast.Num():\n        pass",
    "%matplotlib inline\n!pip list\nfiles = !ls\nt = %timeit f()\nlen?\n?len\nx.y??\nif x:\n    !ls",
    "%%bash\nfor f in *; do echo $f; done",
    "%%time\nx = 1",
    'text = """\n%d items\n!important"""',
    '%matplotlib inline\ntext = """\n%d items"""',
    "await f()",
    "print(f'{x!r:>{w}} {a[\"b\"]}')",
    "x = 1\f\ny = 2",
    "x = 1\r\ny = (2,\r\n  3)\r\n",
  ])("%j is a cell", (source) => {
    expect(syntaxFault(source, "cell")).toBeNull();
  });

  it.each([
    ["x = (1,\n", 1, "x = (1,", "'(' was never closed"],
    ["a = 1\n\ndef f(:\n    pass", 3, "def f(:", null],
    ["a = 1\r\nx = (1, 2\r\n\r\n", 2, "x = (1, 2", "'(' was never closed"],
    ["x = [1\nmse(x)", 1, "x = [1", "'[' was never closed"],
    ["x = 1\ny = x)", 2, "y = x)", "unmatched ')'"],
    ["%matplotlib inline\nwhile True print(1)", 2, "while True print(1)", null],
    ["for x in y\n    pass", 1, "for x in y", null],
  ])("%j is none", (source, line, text, words) => {
    expect(syntaxFault(source, "cell")).toEqual({ line, text, words });
  });

  it("a module has no magics", () => {
    expect(syntaxFault("x = 1\n%matplotlib inline", "module")).toMatchObject({ line: 2 });
  });
});

describe("assignments", () => {
  it("with the values of literals", () => {
    const source = [
      "import math, os",
      "a = 1_000; b = -2.5",
      "c: int = 0x1F",
      "d = e = 'x\\n' \"y\"",
      "f, (g, *h) = 1, (2, 3)",
      "i = [1, (2.0, None), {'k': True}]",
      "j = a + 1",
      "k = 12345678901234567890",
      "l = r'\\n' ",
      "m = ()",
      "a = 3.",
      "n: int",
      "o[0] = 1",
      "p = '\\x41\\u00e9\\101\\q'",
      "q = f'{a}'",
      "r = 1e3  # comment",
      "if True:",
      "    s = 1",
      "def u():",
      "    v = 1",
    ].join("\n");
    const found = assignmentsIn(source);
    expect(Object.fromEntries(found.map(({ name, value }) => [name, value]))).toEqual({
      a: 3,
      b: -2.5,
      c: 31,
      d: "x\ny",
      e: "x\ny",
      f: undefined,
      g: undefined,
      h: undefined,
      i: [1, [2, null], { k: true }],
      j: undefined,
      k: undefined,
      l: "\\n",
      m: [],
      p: "A\u00e9A\\q",
      q: undefined,
      r: 1000,
      s: 1,
    });
    expect(found.filter((one) => one.isFloat).map((one) => one.name)).toEqual(["a", "b", "r"]);
  });

  it("literals that we write are read back, by us and by Python", async () => {
    const values = fc.sample(fc.jsonValue({ stringUnit: "binary" }), { numRuns: 100, seed: 3 });
    const strict: Json = JSON.parse(JSON.stringify(values));
    expect(assignmentsIn(`x = ${toPython(strict)}`)[0]?.value).toEqual(strict);
    const { python } = await findPython();
    const program = `import json, sys\nx = ${toPython(strict)}\njson.dump(x, sys.stdout)`;
    const { stdout } = await promisify(execFile)(python, ["-I", "-c", program]);
    expect(JSON.parse(stdout)).toEqual(strict);
  });

  it("an expression is one expression", () => {
    for (const one of ["x", "best['x'][0]", "[f(i) for i in y]", "a, b", "x if y else 20.", "lambda: 1"])
      expect(isExpression(one)).toBe(true);
    for (const none of ["", "x = 1", "x; y", "import a", "x y", "f(", "# x", "x\ny"])
      expect(isExpression(none)).toBe(false);
  });
});

describe("verify", () => {
  const kind = (source: string): unknown => {
    const binding = bindingOf("verify", source);
    return binding.kind === "callable" ? binding.fits : binding.kind;
  };

  it.each([
    "def verify(submission): ...",
    "def verify(a, b=1, *, c=2, **d): ...",
    "def verify(*all): ...",
    "def verify(a, /): ...",
    "verify = lambda s: 1",
    "verify = other",
    "verify: object = make()",
    "from judge import verify",
    "from judge import (a, b as verify)",
    "@cache\ndef verify(a, b): ...",
    "if fast:\n    def verify(s): ...\nelse:\n    def verify(s): ...",
    "try:\n    from a import verify\nexcept ImportError:\n    def verify(s): ...",
    "def verify(): ...\ndef verify(s): ...",
  ])("%j takes the submission", (source) => {
    expect(kind(source)).toBe(true);
  });

  it.each([
    "def verify(): ...",
    "def verify(a, b): ...",
    "def verify(*, a): ...",
    "def verify(a, *, b): ...",
    "verify = lambda: 1",
  ])("%j does not", (source) => {
    expect(kind(source)).toBe(false);
  });

  it("must be there, at the top level", () => {
    expect(kind("async def verify(s): ...")).toBe("async");
    for (const none of [
      "",
      "# def verify(s):",
      "class A:\n    def verify(s): ...",
      "def f():\n    def verify(s): ...",
      "verify(1)",
    ])
      expect(kind(none)).toBe("none");
  });
});
