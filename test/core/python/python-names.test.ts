import { describe, expect, test } from "vitest";
import { namesIn } from "../../../src/core/python/python-names.ts";

const names = (source: string) => {
  const { defines, uses, mutates, imports, opaque } = namesIn(source);
  return { defines, uses, mutates, imports, opaque };
};
const plain = { defines: [], uses: [], mutates: [], imports: [], opaque: false };

describe("namesIn", () => {
  test.each([
    ["x = 1", { defines: ["x"] }],
    ["x: int = y", { defines: ["x"], uses: ["y", "int"] }],
    ["x: int", { uses: ["int"] }],
    ["y += x", { defines: ["y"], uses: ["y", "x"], mutates: ["y"] }],
    ["a, (b, *rest) = c", { defines: ["a", "b", "rest"], uses: ["c"] }],
    ["a = b = c", { defines: ["a", "b"], uses: ["c"] }],
    ["x = 1\ny = x", { defines: ["x", "y"] }],
    ["y = x\nx = 1", { defines: ["y", "x"], uses: ["x"] }],
    ["d['k'] = v", { uses: ["v", "d"], mutates: ["d"] }],
    ["o.a.b = w", { uses: ["w", "o"], mutates: ["o"] }],
    ["xs.append(1)", { uses: ["xs"], mutates: ["xs"] }],
    ["n = xs.pop()", { defines: ["n"], uses: ["xs"] }],
    ["import numpy as np, os.path", { defines: ["np", "os"], imports: ["np", "os"] }],
    ["from a.b import c as d, e", { defines: ["d", "e"], imports: ["d", "e"] }],
    ["from . import x", { defines: ["x"], imports: ["x"] }],
    ["from z import *", { opaque: true }],
    ["import numpy as np\nnp.random.seed(0)", { defines: ["np"], imports: ["np"] }],
    ["def f(p, q=d, *a, **k):\n  loc = p + outer\n  return loc", { defines: ["f"], uses: ["d", "outer"] }],
    ["def f():\n  return g()\ndef g():\n  return 1", { defines: ["f", "g"] }],
    ["def f():\n  global G\n  G = 1", { defines: ["f", "G"] }],
    ["def f():\n  xs[0] = 1", { defines: ["f"], uses: ["xs"], mutates: ["xs"] }],
    ["def f(xs):\n  xs[0] = 1", { defines: ["f"] }],
    ["class A(B):\n  z = 3\n  def m(self): return self.z + w", { defines: ["A"], uses: ["B", "w"] }],
    ["for i, j in ps:\n  print(i)", { defines: ["i", "j"], uses: ["ps", "print"] }],
    ["with open(fn) as fh:\n  fh.read()", { defines: ["fh"], uses: ["open", "fn"], mutates: ["fh"] }],
    ["try:\n  pass\nexcept E as err:\n  err", { defines: ["err"], uses: ["E"] }],
    ["g = lambda t, u=k: t + free", { defines: ["g"], uses: ["k", "free"] }],
    ["s = [i for i in xs if i > lim]", { defines: ["s"], uses: ["xs", "lim"] }],
    ["s = {k: v for k, v in kv.items()}", { defines: ["s"], uses: ["kv"] }],
    ["s = sum(i for i in xs)", { defines: ["s"], uses: ["sum", "xs"] }],
    ["s = [m := i for i in xs]", { defines: ["m", "s"], uses: ["xs"] }],
    ["if (w := f()):\n  pass", { defines: ["w"], uses: ["f"] }],
    ["f(k=3, **dd)", { uses: ["f", "dd"] }],
    ['f"{x!r} {y:{z}}"', { uses: ["x", "y", "z"] }],
    ["match c:\n  case [p, q]:\n    pass", { defines: ["p", "q"], uses: ["c"] }],
    ["@deco\ndef h(): pass", { defines: ["h"], uses: ["deco"] }],
    ["%matplotlib inline\nx = 1", { defines: ["x"] }],
    ["%run other.py", { opaque: true }],
    ["%%time\nx = y", { defines: ["x"], uses: ["y"] }],
    ["%%bash\nls", { opaque: true }],
    ["exec('x = 1')", { uses: ["exec"], opaque: true }],
    ["x = = 1", { opaque: true }],
  ])("%s", (source, expected) => {
    const actual = names(source);
    const sorted = (o: typeof plain) => ({
      ...o,
      defines: [...o.defines].sort(),
      uses: [...o.uses].sort(),
      mutates: [...o.mutates].sort(),
      imports: [...o.imports].sort(),
    });
    if (source === "x = = 1") expect(actual.opaque).toBe(true);
    else expect(sorted(actual as never)).toEqual(sorted({ ...plain, ...expected } as never));
  });
});
