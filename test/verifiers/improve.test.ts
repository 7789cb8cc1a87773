// A verifier that looks for a better submission where it lies: what it finds, what refusals teach it, and what it stands.
import { expect, test } from "vitest";
import type { Improvement, Submission } from "../../src/contracts/index.ts";
import { pythonVerifier, type PythonVerifierOptions } from "../../src/verifiers/python-verifier.ts";
import { testPython } from "../support/python.ts";
import { testSandbox } from "../support/sandbox.ts";

const never = new AbortController().signal;
const FLOATS = [{ $float: "0.0" }, 0.5, 0.5];

async function improve(
  source: string,
  submission: Submission,
  more: Partial<PythonVerifierOptions> & { readonly tries?: number; readonly seed?: number } = {},
  signal = never,
): Promise<Improvement> {
  const { tries = 2000, seed = 1, ...options } = more;
  await using verifier = pythonVerifier({
    ...{ python: testPython, source: { source, cell: "c9" }, direction: "minimize", timeoutMs: 20_000 },
    ...{ memoryMb: 500, sandbox: testSandbox, ...options },
  });
  const found = await verifier.improve?.(submission, { seed, tries, signal });
  if (found === undefined) throw new Error("it cannot search");
  return found;
}

const returning = (expression: string): string => `def verify(submission):\n    return ${expression}\n`;
const BOWL = returning("sum((x - k) ** 2 for k, x in enumerate(submission))");

test("floats go to the optimum, the same from the same seed", async () => {
  const found = await improve(BOWL, FLOATS);
  expect(found).toMatchObject({ start: 2.5, reason: "", refused: 0, kept: "" });
  expect(found.end).toBeLessThan(1e-12);
  expect(found.valid).toBeGreaterThan(100);
  expect(found.values).toEqual([0, 1, 2].map((value) => expect.closeTo(value, 4)));
  expect({ ...(await improve(BOWL, FLOATS)), pace: 0 }).toEqual({ ...found, pace: 0 });
});

test("a score is made larger where that is better", async () => {
  const found = await improve(returning("-abs(submission - 7)"), 3, { direction: "maximize" });
  expect(found).toMatchObject({ values: 7, start: -4, end: 0 });
});

test.each([
  ["a sum of 1", "abs(sum(submission) - 1) < 1e-9 and min(submission) >= 0", "the sum"],
  ["a length of 1", "abs(sum(x * x for x in submission) - 0.5) < 1e-9", "the length"],
  ["an order", "sorted(submission) == submission", ""],
])("%s is learnt from refusals", async (_, rule, kept) => {
  const source = `def verify(submission):
    if not (${rule}):
        raise ValueError("against the rule")
    return (submission[0] - 0.3) ** 2 + (submission[1] - 0.4) ** 2
`;
  const found = await improve(source, FLOATS, { tries: 4000 });
  expect(found.kept).toContain(kept);
  expect(found.end).toBeLessThan(0.02);
  expect(found.valid).toBeGreaterThan(found.tries / 4);
});

test("orders, choices of any number, and rows of numbers are searched by moves", async () => {
  const order = await improve(
    returning(
      "sum(abs(a - b) for a, b in zip(submission, submission[1:])) / (sorted(submission) == [1, 2, 3, 4, 5, 6])",
    ),
    [3, 1, 6, 2, 5, 4],
  );
  expect(order).toMatchObject({ end: 5, reason: expect.stringMatching(/^ZeroDivisionError/) });
  const choice = await improve(
    `def verify(submission):
    if len(set(submission["some"])) < len(submission["some"]) or sum(submission["some"]) > 100:
        raise ValueError("too much")
    return sum(submission["some"])
`,
    { some: [3, 5] },
    { direction: "maximize" },
  );
  expect(choice.end).toBe(100);
});

test("no valid try is said with the commonest reason", async () => {
  const found = await improve(
    `def verify(submission):
    if submission != [1, 2]:
        raise ValueError("only [1, 2] will do")
    return 1
`,
    [1, 2],
    { tries: 300 },
  );
  expect(found).toMatchObject({ values: null, tries: 300, valid: 0, end: 1 });
  expect(found.reason).toMatch(/^ValueError: only \[1, 2\] will do/);
  expect(found.refused).toBeGreaterThan(200);
});

test("a verifier that changes, prints, and wants lists is asked all the same; its source stays with it", async () => {
  const source = `secret_name = 3.25
def verify(submission):
    print("secret" * 1000)
    submission.append(0)
    submission.pop(0)
    return abs(submission[0] - secret_name)
`;
  const found = await improve(source, [{ $float: "1.0" }, { $float: "2.0" }]);
  expect(found.end).toBeLessThan(1e-6);
  expect(JSON.stringify(found)).not.toContain("secret");
  const array =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAABA";
  const listed = await improve(source, { $array: { dtype: "<f8", shape: [2], npy: array } });
  expect(listed.end).toBeLessThan(1e-6);
});

test.each([
  ["ends its process", "__import__('os')._exit(3)", /ended \(exit code 3\)/],
  ["comes back from a fork", "__import__('os').fork() and 1 or 1", /./],
  ["takes too much memory", "len([0] * 10**9)", /MemoryError|memory/],
])("a verifier that %s leaves no better submission, and words", async (_, expression, reason) => {
  const found = await improve(
    `tries = []\ndef verify(submission):\n    tries.append(1)\n    return 1 if len(tries) < 3 else ${expression}\n`,
    [0.5, 0.25],
    { tries: 50, timeoutMs: 5000 },
  );
  expect(found.values).toBeNull();
  if (found.reason !== "") expect(found.reason).toMatch(reason);
});

test("it ends when it is told to", async () => {
  const stopped = AbortSignal.abort(new Error("enough"));
  await expect(improve(BOWL, FLOATS, {}, stopped)).rejects.toThrow("enough");
});
