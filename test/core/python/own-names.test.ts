import { expect, test } from "vitest";
import { ownNamesIn } from "../../../src/core/python/defined-names.ts";
import { namesIn } from "../../../src/core/python/python-names.ts";

const SOURCES = [
  "def f(x):\n    y = x\n    return y\nz = f(2)",
  "def f():\n    global hidden\n    hidden = 1\nopen_ = 2",
  "class A:\n    def m(self):\n        self.q = 1\n    k = 2\na = A()",
  "import os, sys as s\nfrom a import b\nt = os.getcwd()",
  "%matplotlib inline\nfor i, (p, q) in []:\n    r = [j for j in p]\nwith o() as w:\n    pass",
  "g = lambda v: (m := v)\nif True:\n    def inner():\n        n = 1\n    u: int = 4",
];

test.each(SOURCES)("without bodies of functions the same names are found: %j", (source) => {
  const { defines, imports } = namesIn(source);
  const { signatures, names } = ownNamesIn(source);
  expect([...names, ...signatures.map(({ name }) => name)].toSorted()).toEqual(
    defines.filter((name) => !imports.includes(name)).toSorted(),
  );
});

test("of a name defined twice the last signature holds", () => {
  expect(ownNamesIn("def f(a): ...\ndef f(b): ...").signatures.map(({ text }) => text)).toEqual(["f(b)"]);
});

test.each([
  [
    "t = [i for i in range(3)]\nd = {}\ns = {1}\nu = (1, 2)\nn = 5",
    ["t: list", "d: dict", "s: set", "u: tuple"],
  ],
  ["x = [1]\nx = f(x)", []],
  ["x = f(1)\nx = [1]", ["x: list"]],
  ["x = [1]\nfor x in y:\n    pass", []],
  ["x = [1]\nx += [2]", []],
  ["x = y = [1]", []],
  ["x, y = [1], [2]", []],
  ["x = [1]\nif True:\n    x = np.array(x)", []],
  ["x = [1]\nprint(x)\ndef f(x):\n    x = 1", ["x: list"]],
])(
  "a name has a kind where its last assignment shows it, and nothing else may have set it: %j",
  (source, kinds) => {
    expect([...ownNamesIn(source).kinds].map(([name, kind]) => `${name}: ${kind}`)).toEqual(kinds);
  },
);
