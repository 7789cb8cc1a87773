// What is judged: the submission as it is, or the same numbers in lists where a verifier refuses arrays.
import { expect, test } from "vitest";
import { judge } from "../../src/environment/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import type { Evaluation, Score, Submission } from "../../src/contracts/index.ts";
import { tinyTask } from "../support/tiny-task.ts";

const ARRAY: Submission = { $array: { dtype: "<f8", shape: [2], npy: "" } };
const REMARK =
  "AssertionError: give a list; the submission is an array of shape (2,): `.tolist()` makes a list of it";

const invalid = (message: string): Score => ({ valid: false, fitness: null, metrics: {}, message });

/** A kernel whose `x` is an array, and a verifier that wants a list; `whole`: what it says of the list. */
async function judged(submission: string, whole: Score, lists: Evaluation = { ok: true, value: [1, 2] }) {
  const asked: string[] = [];
  const seen: Submission[] = [];
  const kernels = fakeKernels({
    evaluate: (expression) => {
      asked.push(expression);
      return expression.includes("tolist") ? lists : { ok: true, value: ARRAY };
    },
  });
  const signal = new AbortController().signal;
  await using lease = await kernels.lease({ recipe: [] }, { signal, workspace: "w", timeoutMs: 1_000 });
  const verifier = {
    verify: async (value: Submission) => {
      seen.push(value);
      return Array.isArray(value) ? whole : invalid(REMARK);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const judgement = await judge(lease, { ...tinyTask, submission }, verifier, signal);
  return { ...judgement, asked: asked.length, seen: seen.length };
}

const good: Score = { valid: true, fitness: 3, metrics: { score: 3 }, message: "" };

test("an array that is refused is judged as a list, and the list is what is submitted", async () => {
  expect(await judged("x", good)).toEqual({
    score: { ...good, message: "judged with its arrays as lists" },
    submission: [1, 2],
    asked: 2,
    seen: 2,
  });
});

test("what is wrong with the list is said of the list", async () => {
  const { score } = await judged("x", invalid("AssertionError: too short"));
  expect(score.message).toBe("AssertionError: too short; judged with its arrays as lists");
});

test("an expression that may not give the same twice is asked for once", async () => {
  expect(await judged("best()", good)).toMatchObject({ score: { message: REMARK }, asked: 1, seen: 1 });
});

test("a value that no list can be made of is judged as it is", async () => {
  const lists: Evaluation = { ok: false, name: "TypeError", message: "no" };
  expect(await judged("x", good, lists)).toMatchObject({
    score: { message: REMARK },
    submission: ARRAY,
    seen: 1,
  });
});
