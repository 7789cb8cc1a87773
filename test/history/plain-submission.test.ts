// A submission in JavaScript's own values: what the guard's encoder in Python writes comes back as what Python had, and what
// it never wrote costs no more than its length.
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plainSubmission, type PlainSubmission } from "../../src/history/plain-submission.ts";
import type { Json } from "../../src/contracts/index.ts";
import { lineServer } from "../support/python.ts";

/** Builds a value, encodes it as the guard does, and says what it is without the encoder. */
const ENCODER = `
import json, struct, sys
import numpy as np
from nbevolve_guard.submission import encode

def build(d):
    kind, what = d
    if kind == "float": return struct.unpack(">d", bytes.fromhex(what))[0]
    if kind == "int": return int(what)
    if kind == "list": return [build(item) for item in what]
    if kind == "dict": return {key: build(item) for key, item in what}
    if kind == "array":
        data, dtype, shape = what
        if dtype == "|b1": return (np.frombuffer(bytes.fromhex(data), dtype="|u1") > 99).reshape(shape)
        return np.frombuffer(bytes.fromhex(data), dtype=dtype).reshape(shape)
    return what

def tell(v):
    if hasattr(v, "dtype"): return tell(v.tolist())
    if type(v) is float: return ["number", "nan" if v != v else struct.pack(">d", v).hex()]
    if type(v) is int: return tell(float(v)) if abs(v) <= 2**53 else ["bigint", str(v) if v.bit_length() < 2100 else hex(v)]
    if type(v) is list: return ["list", [tell(item) for item in v]]
    if type(v) is dict: return ["dict", sorted([[key, tell(item)] for key, item in v.items()], key=lambda e: e[0].encode("utf-16-be", "surrogatepass"))]
    return ["plain", v]

for line in sys.stdin:
    value = build(json.loads(line))
    print(json.dumps([json.loads(encode(value)), tell(value)]), flush=True)
`;

function tell(value: PlainSubmission): unknown {
  if (typeof value === "number") return ["number", Number.isNaN(value) ? "nan" : hexOf(value)];
  if (typeof value === "bigint") return ["bigint", value.toString()];
  if (Array.isArray(value)) return ["list", value.map(tell)];
  if (typeof value !== "object" || value === null) return ["plain", value];
  const entries = Object.entries(value).map(([name, item]) => [name, tell(item)] as const);
  return ["dict", entries.toSorted(([a], [b]) => (a < b ? -1 : 1))];
}

function hexOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}

type Description = readonly [kind: string, what: unknown];

const KINDS = ["f8", "f4", "f2", "i8", "u8", "i4", "u4", "i2", "u2"].flatMap((kind) => [
  `<${kind}`,
  `>${kind}`,
]);
const dtype = fc.constantFrom(...KINDS, "|i1", "|u1", "|b1");
const shape = fc.oneof(fc.constant([0]), fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }));
const array = fc.tuple(dtype, shape).chain(([kind, lengths]) => {
  const size = lengths.reduce((product, length) => product * length, 1) * Number(kind.slice(2));
  const bytes = fc.uint8Array({ minLength: size, maxLength: size });
  return bytes.map((data): Description => ["array", [Buffer.from(data).toString("hex"), kind, lengths]]);
});
const float = fc.oneof(
  fc.double(),
  fc.constantFrom(3, -0, 0, NaN, Infinity, -Infinity, 1e22, 5e-324, 2 ** 53, 0.1),
);
const integer = fc.oneof(
  fc.bigInt({ min: -9n, max: 9n }),
  fc.bigInt({ min: -3n, max: 3n }).map((n) => 2n ** 53n + n),
  fc.bigInt({ min: -(2n ** 2040n), max: 2n ** 2040n }),
);
const text = fc.string({ unit: "grapheme" });
const key = fc.oneof(
  text,
  text.map((name) => `$${name}`),
  fc.constantFrom("__proto__", "$float", "$$"),
);
const { value } = fc.letrec<{ value: Description }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    float.map((x): Description => ["float", hexOf(x)]),
    integer.map((n): Description => ["int", `${n}`]),
    fc.oneof(text, fc.boolean(), fc.constant(null)).map((it): Description => ["plain", it]),
    array,
    fc.array(tie("value")).map((list): Description => ["list", list]),
    fc
      .uniqueArray(fc.tuple(key, tie("value")), { selector: ([name]) => name })
      .map((dict): Description => ["dict", dict]),
  ),
}));

describe("what Python's encoder wrote", () => {
  let encoder: ReturnType<typeof lineServer>;
  beforeAll(() => {
    encoder = lineServer(ENCODER);
  });
  afterAll(() => encoder.end());

  test("becomes what Python had", async () => {
    await fc.assert(
      fc.asyncProperty(value, async (description) => {
        const [encoded, expected] = JSON.parse(await encoder.ask(JSON.stringify(description)));
        expect(tell(plainSubmission(encoded))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

test("floats are numbers, and integers too large for one are bigints", () => {
  const floats = ["3.0", "-0.0", "nan", "inf", "-inf", "1e+22"].map(($float) => ({ $float }));
  expect(plainSubmission(floats)).toEqual([3, -0, NaN, Infinity, -Infinity, 1e22]);
  expect(plainSubmission([{ $int: "9007199254740993" }, { $int: "-0xff" }])).toEqual([2n ** 53n + 1n, -255n]);
  expect(plainSubmission({ $$float: { $float: "1.0" } })).toEqual({ $float: 1 });
});

const npy = (header: string, data = ""): string => {
  const head = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(data)]).toString("base64");
};
const one = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n", "a");
const UNTAGGED: readonly Json[] = [
  { $complex: [1, { $float: "2.0" }] },
  { $array: { dtype: "<c16", shape: [1], npy: one } },
  { $array: { dtype: "|u1", shape: [1, 1], npy: one } },
  { $array: { dtype: "|u1", shape: [0, 1e9], npy: one } },
  { $array: { dtype: "|u1", shape: [1e9, 1e9, 1e300, 0], npy: one } },
  { $array: { dtype: "|u1", shape: Array.from({ length: 1000 }, () => 1), npy: one } },
  { $array: { dtype: "|i1", shape: [1], npy: one } },
  { $array: { dtype: "|u1", shape: [-1], npy: one } },
  { $array: { dtype: "|u1", shape: [1], npy: "" } },
  { $array: { dtype: "|u1", shape: [1], npy: 1 } },
  { $array: null },
  { $float: "0x10" },
  { $float: "" },
  { $float: `1${"0".repeat(1_000_000)}` },
  { $int: "1.5" },
  { $int: "1".repeat(1_000_000) },
  { $other: 1 },
];
test.each(UNTAGGED.map((it) => [JSON.stringify(it).slice(0, 80), it] as const))(
  "%s stays as it is",
  (_, it) => {
    expect(plainSubmission(it)).toEqual(it);
  },
);

test("an array of bytes is a list; what is nested ten thousand deep throws nothing", () => {
  expect(plainSubmission({ $array: { dtype: "|u1", shape: [1], npy: one } })).toEqual([97]);
  let deep: Json = 1;
  for (let i = 0; i < 10_000; i += 1) deep = [deep];
  expect(plainSubmission(deep)).toHaveLength(1);
});
