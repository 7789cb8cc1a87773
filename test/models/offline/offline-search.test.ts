// The offline model at work where it is quick: without a `problem`, where nothing can be searched, and on a small bowl.
// Its work on real tasks is in offline-search.long.test.ts.
import { describe, expect, test } from "vitest";
import { codeOf, playOffline, points, replayed } from "./offline-desk.ts";

describe("points on a square", () => {
  test("improve without a problem too, by asking the verifier, and say that this is slow", async () => {
    const score = "smallest_distance(submission)";
    const desk = await playOffline([...points, "founder = submission"], 4, { score });
    expect(
      await desk.python.evaluate(`smallest_distance(submission) > 1.2 * smallest_distance(founder)`),
    ).toBe(true);
    expect(await replayed(desk.cells)).toBe(desk.submission);
    expect(desk.cells.at(-1)?.source).toMatch(/^offline: no problem declared\n.*searchable problems/s);
    expect(codeOf(desk).filter((source) => source.includes("class Search("))).toEqual([]);
    expect(codeOf(desk).filter((source) => source.includes("def nudged"))).toHaveLength(1);
  });

  test("are made worse where that is the goal", async () => {
    const score = "smallest_distance(submission)";
    const desk = await playOffline([...points, "founder = submission"], 2, { score, direction: "minimize" });
    expect(await desk.python.evaluate(`smallest_distance(submission) < smallest_distance(founder)`)).toBe(
      true,
    );
  });
});

describe("what cannot be searched", () => {
  test("a submission without numbers is left alone, and the summary says why", async () => {
    const desk = await playOffline(["submission = {'answer': 'words', 'count': 3}"], 1, { score: "1.0" });
    expect(desk.submission).toBe("{'answer': 'words', 'count': 3}");
    expect(desk.cells.at(-1)?.source).toMatch(/cannot be changed .* holds no floats/);
    expect(codeOf(desk)).toHaveLength(1);
  });

  test("a problem that lacks something is named in the summary", async () => {
    const broken =
      "import numpy as np\nclass problem:\n    bounds = np.zeros(2), np.ones(2)\nsubmission = [0.5, 0.5]";
    const desk = await playOffline([broken], 1);
    expect(desk.cells.at(-1)?.source).toMatch(/failed: AttributeError: .*variables/);
    expect(desk.submission).toBe("[0.5, 0.5]");
  });
});

test("a problem of bounds alone, without slopes, is searched", async () => {
  const bowl = `
import numpy as np

class problem:
    bounds = np.full(4, -3.0), np.full(4, 2.0)

    def start(rng):
        return rng.uniform(-3, 2, 4)

    def minimize(z):
        return float(((z - [1, 2, -1, 0.5]) ** 2).sum() + 0.5 * np.sin(5 * z).sum())

    def submission(z):
        return z.tolist()

    def variables(submission):
        return np.array(submission)

submission = [0.0, 0.0, 0.0, 0.0]
`;
  const desk = await playOffline([bowl], 1, { direction: "minimize" });
  const grid = "min((x - c) ** 2 + 0.5 * np.sin(5 * x) for x in np.linspace(-3, 2, 20001))";
  const best = await desk.python.evaluate<number>(`float(sum(${grid} for c in [1, 2, -1, 0.5]))`);
  expect(await desk.python.evaluate<number>("problem.minimize(np.array(submission))")).toBeLessThan(
    best + 1e-6,
  );
});
