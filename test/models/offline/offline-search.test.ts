// The offline model at work where it is quick: without a `problem`, where nothing can be searched, and on a small bowl.
// Its work on real tasks is in offline-search.long.test.ts.
import { describe, expect, test } from "vitest";
import { codeOf, playOffline, points, replayed } from "./offline-desk.ts";

describe("without a problem", () => {
  const score = `smallest_distance(submission) if all(0 <= c <= 1 for p in submission for c in p) else (_ for _ in ()).throw(ValueError("outside"))`;

  test("points on a square are spread by the verifier itself, and a notebook without tools says how", async () => {
    const desk = await playOffline([...points, "founder = submission"], 1, { score, improves: true });
    const found = await desk.python.evaluate<number>("smallest_distance(submission)");
    expect(found).toBeGreaterThan(0.4); // 0.19 before; 0.536 is the best that there is
    expect(await replayed(desk.cells)).toBe(desk.submission);
    const texts = desk.cells.filter(({ kind }) => kind === "text").map(({ source }) => source);
    expect(texts[0]).toMatch(/^Offline search.*The verifier itself looks for a better submission/s);
    expect(texts[0]).not.toMatch(/problem|swap|kick|exchanges|CMA-ES/);
    expect(texts.at(-1)).toMatch(
      /^The verifier judged [\d,]+ tries, [\d,]+ of them valid: 0\.\d+ -> 0\.\d+, by \w/,
    );
    expect(texts.at(-1)?.replaceAll(/^offline: .*$/gm, "")).not.toContain("offline:");
    expect(codeOf(desk).join("\n")).not.toContain("class Search(");
    expect(codeOf(desk).filter((source) => source.includes("def refilled"))).toHaveLength(1);
  });

  test("a later plan speaks of the methods that the submission gets, and of no others", async () => {
    const plans = async (submission: string): Promise<string> => {
      const options = { score: "-abs(submission[0] - 3.3)", improves: true } as const;
      const desk = await playOffline([`submission = ${submission}`], 2, options);
      return desk.cells.findLast(({ source }) => source.startsWith("Offline search"))?.source ?? "";
    };
    const [numbers, choice] = [await plans("[0.5, 1.0]"), await plans("[1, 2, 5]")];
    expect(numbers).toMatch(/CMA-ES/);
    expect(numbers).not.toMatch(/annealing/);
    expect(choice).toMatch(/annealing/);
    expect(choice).not.toMatch(/CMA-ES/);
  });

  test("they are made worse where that is the goal", async () => {
    const options = { score, direction: "minimize", improves: true } as const;
    const desk = await playOffline([...points, "founder = submission"], 1, options);
    expect(await desk.python.evaluate(`smallest_distance(submission) < smallest_distance(founder)`)).toBe(
      true,
    );
  });

  test("what a search found nothing better than leaves the notebook as it is", async () => {
    const desk = await playOffline(["submission = (3, [0.5])"], 1, { score: "1.0", improves: true });
    expect(desk.submission).toBe("(3, [0.5])");
    expect(codeOf(desk)).toEqual(["submission = (3, [0.5])"]);
    expect(desk.cells.at(-1)?.source).toMatch(/none was better than 1/);
  });

  test("a submission of which no change is valid ends loudly, with the verifier's reason", async () => {
    const score = `1.0 if submission == [0.5, 2.0] else (_ for _ in ()).throw(ValueError("it has to be [0.5, 2.0]"))`;
    await expect(playOffline(["submission = [0.5, 2.0]"], 1, { score, improves: true })).rejects.toThrow(
      /^0 of 500 tries were valid: ValueError: it has to be \[0\.5, 2\.0\] \(\d+ times\)$/,
    );
  });

  test("types are kept: tuples, arrays, whole numbers, dicts with their keys, booleans", async () => {
    const founder = `import numpy as np
from collections import namedtuple
Point = namedtuple("Point", "x y")
submission = {"p": Point(1.0, 2), "$q": (np.float32(3.5), [4, 5, 6]), "r": np.array([[1, 2], [3, 4]], dtype="int16"), "s": [True, False],
    "t": np.zeros((2, 2)), "u": "words", "v": None, "w": np.array([0.5, 1.5], dtype="float32")}
def kinds(value):
    if isinstance(value, dict):
        return {key: kinds(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, sorted({str(kinds(item)) for item in value})
    return type(value).__name__, str(getattr(value, "dtype", "")), getattr(value, "shape", None)
before = kinds(submission)`;
    const size = `float(sum(np.sum(x) for x in (submission["p"][0], submission["p"][1], submission["$q"][0], sum(submission["$q"][1]), submission["r"], sum(submission["s"]), submission["t"], submission["w"])))`;
    const desk = await playOffline([founder], 1, { score: `-abs(100 - ${size})`, improves: true });
    expect(await desk.python.evaluate("kinds(submission) == before")).toBe(true);
    expect(await desk.python.evaluate<number>(`abs(100 - ${size})`)).toBeLessThan(0.01);
    expect(await replayed(desk.cells)).toBe(desk.submission);
  });
});

describe("what cannot be searched", () => {
  test("a submission without numbers is left alone, and the summary says why", async () => {
    const options = { score: "1.0", improves: true };
    const desk = await playOffline(["submission = {'answer': 'words', 'more': None}"], 1, options);
    expect(desk.submission).toBe("{'answer': 'words', 'more': None}");
    expect(desk.cells.at(-1)?.source).toMatch(/cannot be changed .* holds no numbers/);
    expect(codeOf(desk)).toHaveLength(1);
  });

  test("nothing is tried where there is neither a problem nor a verifier that searches", async () => {
    const desk = await playOffline(["submission = [0.5]"], 1);
    expect(desk.submission).toBe("[0.5]");
    expect(desk.cells.at(-1)?.source).toContain("declares no `problem`");
    expect(codeOf(desk).filter((source) => source.includes("search.explore("))).toEqual([]);
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
