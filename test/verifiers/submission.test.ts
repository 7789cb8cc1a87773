import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lineServer } from "../support/python.ts";

/**
 * Builds a value from a description that has nothing to do with the codec, encodes it; decodes what Node made of
 * it, and says whether the two are the same value, of the same types, to the last bit.
 */
const KEEPER = `
import json, struct, sys
from nbevolve_guard.submission import decode, encode

def build(d):
    kind, what = d
    if kind == "float": return struct.unpack(">d", bytes.fromhex(what))[0]
    if kind == "int": return int(what)
    if kind == "complex": return complex(build(["float", what[0]]), build(["float", what[1]]))
    if kind == "list": return [build(item) for item in what]
    if kind == "tuple": return tuple(build(item) for item in what)
    if kind == "dict": return {key: build(item) for key, item in what}
    if kind == "array":
        import numpy as np
        return np.frombuffer(bytes.fromhex(what[0]), dtype=what[1])
    return what

def same(a, b):
    if isinstance(a, float) and type(b) is float:
        return struct.pack(">d", a) == struct.pack(">d", b) or (a != a and b != b)
    if isinstance(a, complex) and type(b) is complex: return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, (list, tuple)): return type(b) is list and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return type(b) is dict and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if hasattr(a, "dtype"): return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and a == b

for line in sys.stdin:
    value = build(json.loads(line))
    print(encode(value), flush=True)
    text = sys.stdin.readline()
    print("same" if same(value, decode(text)) else f"{value!r} became {decode(text)!r}", flush=True)
`;

type Description = readonly [kind: string, what: unknown];

const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, "0"));
const special = [
  0,
  -0,
  1,
  -1,
  2 ** 53,
  1e22,
  1e21,
  123456789012345680000,
  5e-324,
  Number.MAX_VALUE,
  0.1,
  NaN,
  Infinity,
];
const chosen = fc.constantFrom(...special).map((x) => {
  const view = Buffer.alloc(8);
  view.writeDoubleBE(x);
  return view.toString("hex");
});
const float = fc.oneof(bits, chosen);
const integer = fc.bigInt({ min: -(2n ** 2100n), max: 2n ** 2100n });
const near = fc.bigInt({ min: -3n, max: 3n }).map((n) => 2n ** 53n + n);
const key = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string().map((s) => `$${s}`),
  fc.constantFrom("__proto__", "$float"),
);

const { value } = fc.letrec<{ value: Description }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    float.map((hex): Description => ["float", hex]),
    fc.oneof(integer, near, fc.bigInt({ min: -9n, max: 9n })).map((n): Description => ["int", `${n}`]),
    fc.tuple(float, float).map((parts): Description => ["complex", parts]),
    fc
      .oneof(fc.string({ unit: "binary" }), fc.boolean(), fc.constant(null))
      .map((it): Description => ["plain", it]),
    fc.array(tie("value")).map((list): Description => ["list", list]),
    fc.array(tie("value")).map((list): Description => ["tuple", list]),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), { selector: ([name]) => name })
      .map((d): Description => ["dict", d]),
  ),
}));

describe("a submission", () => {
  let keeper: ReturnType<typeof lineServer>;
  beforeAll(() => {
    keeper = lineServer(KEEPER);
  });
  afterAll(() => keeper.end());

  async function through(description: Description): Promise<string> {
    const encoded = await keeper.ask(JSON.stringify(description));
    return keeper.ask(JSON.stringify(JSON.parse(encoded)));
  }

  test("keeps every value, its types and every bit, through Python, Node and Python", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (description) => {
        expect(await through(description)).toBe("same");
      }),
      { numRuns: 1000 },
    );
  });

  test("keeps every double", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(float, { minLength: 200, maxLength: 200 }), async (list) => {
        expect(await through(["list", list.map((hex): Description => ["float", hex])])).toBe("same");
      }),
      { numRuns: 50 },
    );
  });

  test("keeps arrays of every numeric type", async () => {
    const dtypes = fc.constantFrom("<f8", ">f8", "<f4", "<f2", "<i8", "|u1", "<c16", "|b1");
    const bytes = fc
      .uint8Array({ minLength: 0, maxLength: 8 })
      .map((part) => Buffer.alloc(16, Buffer.concat([part, Buffer.from([1])])));
    await fc.assert(
      fc.asyncProperty(bytes, dtypes, async (raw, dtype) => {
        const hex = dtype === "|b1" ? "0001" : raw.toString("hex");
        expect(await through(["array", [hex, dtype]])).toBe("same");
      }),
      { numRuns: 100 },
    );
  });
});

/** Each line is an expression; the answer is the text, or the error. */
const ENCODER = `
import sys
from nbevolve_guard.submission import decode, encode

class Liar(float):
    def __repr__(self): return "9.5"
    def __float__(self): return 9.5
    def __sub__(self, other): return 9.5
    def is_integer(self): raise SystemExit
    def __add__(self, other): return "9"
class Shifty(list):
    def __iter__(self): return iter([9])
    def __len__(self): return 1
    def __getitem__(self, at): return 9
class Book(dict):
    def items(self): return [("score", 9)]
    def keys(self): return ["score"]
    def __iter__(self): return iter(["score"])
    def copy(self): return {"score": 9}
class Word(str):
    def __str__(self): return "nine"
    def startswith(self, *_): return True
class Whole(int):
    def __int__(self): return 9
    def __le__(self, other): return False
    def __index__(self): return 9
class Pretender:
    __class__ = float
    def __float__(self): return 9.5
class Matrix: pass
class Named(type):
    __name__ = "list"
class Masked(metaclass=Named): pass

def cycle():
    a = []; b = {"a": a}; a.append(b); return a
def deep(n):
    value = 1
    for _ in range(n): value = [value]
    return value
def shared():
    one = [1]; return [one, one]

for line in sys.stdin:
    try: print(eval(line), flush=True)
    except Exception as error: print(f"{type(error).__name__}: {error}", flush=True)
`;

describe("encode and decode", () => {
  let python: ReturnType<typeof lineServer>;
  beforeAll(() => {
    python = lineServer(ENCODER);
  });
  afterAll(() => python.end());

  test.each([
    ["encode([0.1, 2, True, None, 'é', (1,)])", '[0.1,2,true,null,"\\u00e9",[1]]'],
    ["encode([1.0, -0.0, 1e22])", '[{"$float":"1.0"},{"$float":"-0.0"},{"$float":"1e+22"}]'],
    ["encode({'$a': 1, 'b': {'$$c': 2}})", '{"$$a":1,"b":{"$$$c":2}}'],
    ["encode([Liar(2.5), Whole(3), Word('w'), Shifty([1, 2]), Book(a=1)])", '[2.5,3,"w",[1,2],{"a":1}]'],
    ["encode(shared())", "[[1],[1]]"],
    ["encode(deep(100))", `${"[".repeat(100)}1${"]".repeat(100)}`],
    ["encode({'radii': [1, 2, 3, Matrix()]}).x", 'TypeError: submission["radii"][3] is a Matrix, not data'],
    ["encode(Pretender())", "TypeError: submission is a Pretender, not data"],
    ["encode([Masked()])", "TypeError: submission[0] is a Masked, not data"],
    ["encode({1: 2}, name='best')", "TypeError: best has a key that is a int: keys must be strings"],
    ["encode({'a': b'x'})", 'TypeError: submission["a"] is a bytes, not data'],
    ["encode(cycle())", 'ValueError: submission[0]["a"] contains itself'],
    ["encode(deep(101))", "ValueError: submission is nested more than 100 deep"],
    ["encode(deep(100000))", "ValueError: submission is nested more than 100 deep"],
    ["encode('x' * (65 << 20))", "ValueError: submission is larger than 64 MB"],
    ["encode('\\u00e9' * 300000, max_bytes=1 << 20)", "ValueError: submission is larger than 1 MB"],
    ["encode([0] * (1 << 20), max_bytes=1 << 20)", "ValueError: submission is larger than 1 MB"],
    [`decode('{"$float":"1_0"}')`, "ValueError: malformed $float"],
    [`decode('{"$float":5}')`, "ValueError: malformed $float"],
    [`decode('{"$int":"0x"}')`, "ValueError: malformed $int"],
    [`decode('{"$int":5}')`, "ValueError: malformed $int"],
    [`decode('{"$complex":[1,true]}')`, "ValueError: malformed $complex"],
    [`decode('{"$array":{"dtype":"<f8"}}')`, "ValueError: malformed $array"],
    [`decode('{"$import":"os"}')`, "ValueError: an object with the keys ['$import'] is not a submission's"],
    [
      `decode('{"$int":"1","a":2}')`,
      "ValueError: an object with the keys ['$int', 'a'] is not a submission's",
    ],
    [`decode('NaN')`, "ValueError: NaN is not JSON"],
    [`decode('1' * 400)`, "ValueError: a number is too large for a double"],
    [`decode('[' * 100000)`, "ValueError: the submission is nested too deep"],
    [`decode('[1, 1e300, 100000000000000000000]')`, "[1, 1e+300, 1e+20]"],
  ])("%s", async (expression, answer) => {
    const given = await python.ask(expression);
    expect(given.slice(0, answer.length)).toBe(answer);
  });

  test.each([
    [
      "encode([np.float32(0.5), np.int64(3), np.bool_(True), np.float64(2), np.complex128(1j)])",
      '[0.5,3,true,{"$float":"2.0"},{"$complex":[{"$float":"0.0"},{"$float":"1.0"}]}]',
    ],
    [
      "encode({'a': np.array([object()])})",
      'TypeError: submission["a"] is an array of object, not of numbers',
    ],
    ["encode(np.array(['a']))", "TypeError: submission is an array of <U1, not of numbers"],
    ["encode(np.ma.array([1, 2], mask=[0, 1]))", "TypeError: submission is a masked array"],
    ["encode(np.zeros(8 * 10**6))", "ValueError: submission is larger than 64 MB"],
    [
      "encode(np.datetime64('2020-01-01'))",
      "TypeError: submission is an array of datetime64[D], not of numbers",
    ],
    ["decode(encode(np.arange(6.).reshape(2, 3).T)).tolist()", "[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]"],
    ["decode(encode(np.matrix([[1, 2]]))).tolist()", "[[1, 2]]"],
    [
      "decode(encode(np.zeros(2)).replace('[2]', '[3]'))",
      "ValueError: malformed $array: dtype or shape differ",
    ],
    [
      `decode('{"$array":{"dtype":"<f8","shape":[1],"npy":"k05VTVBZAQASAHsnZGVzY3InOiAnPGY4JywgKA=="}}')`,
      "ValueError: malformed $array: ",
    ],
  ])("numpy: %s", async (expression, answer) => {
    const given = await python.ask(`(globals().__setitem__("np", __import__("numpy")), ${expression})[1]`);
    expect(given.slice(0, answer.length)).toBe(answer);
  });
});

test("a list that a thread changes all the while is read without harm", async () => {
  const program = `
import sys, threading
from nbevolve_guard.submission import encode
value = {"list": [1.5] * 1000, "dict": {}}
def change():
    n = 0
    while True:
        n += 1
        value["list"].append(n); del value["list"][0]
        value["dict"][str(n % 7)] = n; value["dict"].pop(str((n + 3) % 7), None)
threading.Thread(target=change, daemon=True).start()
sys.setswitchinterval(1e-5)
for line in sys.stdin:
    for _ in range(200):
        try: encode(value)
        except ValueError as error: assert "changes while it is read" in str(error), error
    print("read", flush=True)
`;
  const python = lineServer(program);
  expect(await python.ask("go")).toBe("read");
  await python.end();
});
