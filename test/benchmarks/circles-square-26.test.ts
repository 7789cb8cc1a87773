// The first benchmark's notebook: its verifier against an exact implementation of its own and against hostile
// values, its problem against finite differences, its founder.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import fc from "fast-check";
import { loadTask } from "../../src/tasks/load-task.ts";
import { pythonServer } from "../models/offline/offline-python.ts";

type Circle = readonly [number, number, number];
type Verdict =
  | { readonly score: number; readonly strict?: number; readonly relaxed?: number; readonly message?: string }
  | { readonly error: string };

const file = new URL("../../benchmarks/tasks/circles-square-26/task.ipynb", import.meta.url);
const python = pythonServer();
afterAll(() => python.end());

const task = await loadTask("circles-square-26");
const two = await loadTask("circles-square-26", { parameters: { n: 2 } });
const sourceOf = (tag: string): string =>
  task.founder.cells.find((cell) => cell.metadata.tags?.includes(tag) === true)?.source ?? "";

await python.run(`judges = {26: {}, 2: {}}`);
await python.run(`exec(${JSON.stringify(task.verifier.source)}, judges[26])`);
await python.run(`exec(${JSON.stringify(two.verifier.source)}, judges[2])`);
await python.run(`
def judged(n, submission):
    try:
        found = judges[n]["verify"](submission)
        return {"error": found["message"]} if found.get("valid") is False else found
    except ValueError as problem:
        return {"error": str(problem)}
`);

/** The verdict on a Python expression. */
const verdict = async (expression: string, n = 26): Promise<Verdict> =>
  python.evaluate(`judged(${n}, ${expression})`);
const literal = (circles: readonly Circle[]): string => JSON.stringify(circles);
const errorOf = (verdict: Verdict): string => ("error" in verdict ? verdict.error : "");

/** A square grid of n circles with the given radius. */
const grid = (radius: number, n = 26, k = 6): readonly Circle[] =>
  Array.from({ length: n }, (_, i) => [((i % k) + 0.5) / k, (Math.floor(i / k) + 0.5) / k, radius]);

/** The exact integer that a double is a multiple 2^-1074 of. */
function exact(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const fraction = word & ((1n << 52n) - 1n);
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return word >> 63n === 1n ? -size : size;
}

/** Whether circles are disjoint and in the unit square, decided with integers. */
function fits(circles: readonly Circle[]): boolean {
  const one = exact(1);
  const all = circles.map(([x, y, r]) => ({ x: exact(x), y: exact(y), r: exact(r) }));
  const inside = all.every(({ x, y, r }) => x >= r && y >= r && x + r <= one && y + r <= one);
  const apart = all.every((a, i) =>
    all.slice(0, i).every((b) => (a.x - b.x) ** 2n + (a.y - b.y) ** 2n >= (a.r + b.r) ** 2n),
  );
  return inside && apart;
}

describe("the notebook", () => {
  test("is a task that loads, and small", () => {
    expect(task).toMatchObject({
      name: "circles-square-26",
      direction: "maximize",
      submission: "submission",
      parameters: { n: 26 },
    });
    expect(readFileSync(file).length).toBeLessThan(20_000);
  });

  test("is valid nbformat 4.5", async () => {
    await python.run("import nbformat");
    const path = JSON.stringify(fileURLToPath(file));
    expect(
      await python.evaluate(`nbformat.validate(nbformat.read(${path}, as_version=nbformat.NO_CONVERT))`),
    ).toBe(null);
  });

  test("has a founder near 2.08 that is exactly feasible", async () => {
    await python.run(`n = 26\n${sourceOf("setup")}`);
    await python.run(task.founder.cells.at(-1)?.source ?? "");
    const founder = await verdict("submission");
    expect(founder).toEqual({
      score: 2.0799999999999996,
      strict: 2.0799999999999996,
      relaxed: 2.0799999999999996,
      on_edge: 0,
      radius_spread: 0,
    });
  });

  test.each([5, 26, 40])("describes the problem truly for n = %i", async (n) => {
    await python.run(`n = ${n}\n${sourceOf("setup")}`);
    await python.run(`
z = problem.start(np.random.default_rng(7))
step = 1e-6 * np.eye(len(z))
slopes = np.stack([(problem.constraints(z + d) - problem.constraints(z - d)) / 2e-6 for d in step], axis=1)
grown = np.array([(problem.maximize(z + d) - problem.maximize(z - d)) / 2e-6 for d in step])
tight = z.copy()
tight[2 * n:] = np.clip(problem.constraints(z)[: len(pairs[0])].min() + 2 * z[-1], 0, 1) / 2 + 1e-10
tight[: 2 * n] = np.clip(z[: 2 * n], tight[-1], 1 - tight[-1])
once = problem.submission(tight)
again = problem.submission(problem.variables(once))
`);
    expect(await python.evaluate("float(abs(problem.jacobian(z) - slopes).max())")).toBeLessThan(1e-5);
    expect(await python.evaluate("float(abs(problem.gradient(z) - grown).max())")).toBeLessThan(1e-5);
    expect(await python.evaluate("once == again and len(once) == n")).toBe(true);
    expect(fits(await python.evaluate("once"))).toBe(true);
  });
});

describe("a submission that is no packing", () => {
  const rows = "[[0.1 + 0.03 * k, 0.5, 0.01] for k in range(26)]";
  const with0 = (value: string): string => `[[${value}, 0.5, 0.01]] + ${rows}[1:]`;
  test.each([
    ["None", /the submission is a NoneType/],
    ["3.5", /the submission is a float/],
    ["'circles'", /the submission is a str/],
    ["{'circles': []}", /the submission is a dict/],
    ["[]", /0 rows; 26 circles/],
    [`${rows}[1:]`, /25 rows; 26 circles/],
    [`${rows} * 2`, /52 rows/],
    ["[[0.1, 0.1]] * 26", /row 0 has 2 numbers/],
    ["[0.5] * 26", /row 0 is a float/],
    ["[range(3)] * 26", /row 0 is a range/],
    [with0("float('nan')"), /x of circle 0 is nan/],
    [with0("float('inf')"), /x of circle 0 is inf/],
    [with0("-1e300"), /x of circle 0 is -1e\+300, far outside/],
    [with0("10 ** 5000"), /x of circle 0 is an integer of 16610 bits, far outside/],
    [with0("True"), /x of circle 0 is a bool/],
    [with0("0.1 + 0j"), /x of circle 0 is a complex/],
    [with0("'0.1'"), /x of circle 0 is a str/],
    [with0("None"), /x of circle 0 is a NoneType/],
    [with0("Sly(0.1)"), /x of circle 0 is a Sly/],
    ["SlyList()", /the submission is a SlyList/],
    ["np.ones((26, 3), dtype=bool)", /x of circle 0 is a bool/],
    ["np.ones((26, 3), dtype=complex)", /x of circle 0 is a complex/],
    ["np.full((26, 3), '0.1')", /x of circle 0 is a str/],
    ["np.full((26, 3), np.nan)", /x of circle 0 is nan/],
    ["np.float64(0.5)", /the submission is a float64/],
    ["np.zeros((26, 2))", /row 0 has 2 numbers/],
    ["[[0.1 + 0.03 * k, 0.5, 0.0] for k in range(26)]", /r of circle 0 is 0.0; radii are greater than 0/],
    ["[[0.1 + 0.03 * k, 0.5, -0.01] for k in range(26)]", /r of circle 0 is -0.01/],
    ["[[0.5, 0.5, 1e-161]] * 26", /circles 0 and 1 cannot be repaired/],
    [
      "[[0.005, 0.5, 0.01]] + [[0.1 + 0.03 * k, 0.5, 0.01] for k in range(25)]",
      /circle 0 sticks out of the square by 0.005/,
    ],
  ])("%s is refused with the reason", async (expression, reason) => {
    await python.run(`
import numpy as np
class Sly(float):
    def __float__(self): return 0.0
    def __le__(self, other): return True
    def __ge__(self, other): return True
class SlyList(list):
    def __len__(self): return 26
    def __iter__(self): return iter([[0.5, 0.5, 0.5]] * 26)
`);
    expect(errorOf(await verdict(expression))).toMatch(reason);
  });

  test("a sum of 4 with overlaps is refused, naming circles and overlap", async () => {
    expect(errorOf(await verdict(literal(grid(4 / 26))))).toMatch(
      /^circles \d+ and \d+ overlap by 0\.\d+; at most 1e-06 is repaired$/,
    );
  });
});

describe("a packing with a little too much", () => {
  const most = 26 / 12; // a grid of six columns can have no more

  test.each([9.99e-7, 3e-8, 9.99e-10, 1e-15])("of %s is scored at what it is worth", async (slack) => {
    const found = await verdict(literal(grid(1 / 12 + slack / 2)));
    expect(found).not.toHaveProperty("strict");
    expect("relaxed" in found).toBe(slack <= 1e-9);
    expect(found).toHaveProperty(
      "message",
      expect.stringMatching(/(overlap|sticks out of the square) by .* repaired/),
    );
    const score = "score" in found ? found.score : Infinity;
    expect(score).toBeLessThanOrEqual(most);
    expect(score).toBeGreaterThan(most - 60 * slack - 1e-14);
  });

  test("beyond 1e-6 is refused", async () => {
    expect(errorOf(await verdict(literal(grid(1 / 12 + 1e-6))))).toMatch(/at most 1e-06 is repaired/);
  });

  test("tiny and subnormal numbers are judged exactly", async () => {
    const dust = "[[5e-324 + k * 1e-161, 1e-300, 5e-324] for k in range(26)]";
    const found = await verdict(dust);
    expect(found).toHaveProperty("strict", 26 * 5e-324);
  });
});

describe("two circles that nearly touch", () => {
  const nudge = (value: number, ulps: number): number => value + ulps * 2 ** -55;
  const nearlyTouching = fc
    .record({
      x: fc.double({ min: 0.45, max: 0.55, noNaN: true }),
      y: fc.double({ min: 0.45, max: 0.55, noNaN: true }),
      angle: fc.double({ min: 0, max: 6.2, noNaN: true }),
      distance: fc.double({ min: 0.05, max: 0.2, noNaN: true }),
      share: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      ulps: fc.integer({ min: -6, max: 6 }),
    })
    .map(({ x, y, angle, distance, share, ulps }): readonly [Circle, Circle] => {
      const other = [x + distance * Math.cos(angle), y + distance * Math.sin(angle)] as const;
      const apart = Math.hypot(other[0] - x, other[1] - y);
      const r = share * apart;
      return [
        [x, y, r],
        [...other, nudge(apart - r, ulps)],
      ];
    });

  test("are told apart exactly as integers tell them apart; the others are repaired", async () => {
    let strict = 0;
    await fc.assert(
      fc.asyncProperty(nearlyTouching, async (circles) => {
        const found = await verdict(literal(circles), 2);
        expect("strict" in found).toBe(fits(circles));
        expect("score" in found && found.score <= circles[0][2] + circles[1][2]).toBe(true);
        strict += fits(circles) ? 1 : 0;
      }),
      { numRuns: 400 },
    );
    expect(strict).toBeGreaterThan(50);
    expect(strict).toBeLessThan(350);
  });

  test("shrink makes them exactly feasible at once, and no smaller than it must", async () => {
    await python.run(`n = 2\n${sourceOf("setup")}`);
    await fc.assert(
      fc.asyncProperty(nearlyTouching, async (circles) => {
        const shrunk: readonly Circle[] = await python.evaluate(`shrink(${literal(circles)})`);
        expect(fits(shrunk)).toBe(true);
        const lost = circles[0][2] + circles[1][2] - (shrunk[0]?.[2] ?? 0) - (shrunk[1]?.[2] ?? 0);
        expect(lost).toBeLessThan(1e-15);
      }),
      { numRuns: 100 },
    );
  });
});

test("n is a parameter of the verifier too", async () => {
  expect(errorOf(await verdict(literal(grid(0.08)), 2))).toMatch(/26 rows; 2 circles/);
  expect(await verdict("[[0.25, 0.25, 0.25], (0.75, 0.75, 0.25)]", 2)).toHaveProperty("strict", 0.5);
  expect(
    await verdict("__import__('numpy').array([[0.25, 0.25, 0.25], [0.75, 0.75, 0.25]])", 2),
  ).toHaveProperty("strict", 0.5);
});
