// The maths benchmark's own part: what a run's course is, the table and the plot.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  COURSE,
  courseIn,
  courseOf,
  type MathsResult,
  type CoursePoint,
} from "../../benchmarks/maths/course.ts";
import { benchmarksNamed } from "../../benchmarks/maths/index.ts";
import { coursePlot } from "../../benchmarks/maths/plot.ts";
import { mathsReport, resultText } from "../../benchmarks/maths/report.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-maths-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const point = (evaluations: number, score: number | null): CoursePoint => ({
  evaluations,
  seconds: 2 * evaluations,
  score,
  tokens: 10 * evaluations,
  costUsd: 0,
});

test("a course keeps the steps forward, in the task's own direction", () => {
  const points = [point(1, 5), point(2, null), point(3, 4), point(4, 6), point(5, 6)];
  expect(courseOf(points, "maximize")).toMatchObject({
    steps: [points[0], points[3]],
    best: 6,
    evaluations: 5,
    seconds: 10,
    tokens: 50,
  });
  expect(courseOf(points, "minimize").steps).toEqual([points[0], points[2]]);
  expect(courseOf([], "minimize")).toMatchObject({ best: null, evaluations: 0, seconds: 0, costUsd: 0 });
});

test("a course is read again from its file, without a line that a crash cut off", async () => {
  expect((await courseIn(root, "maximize")).best).toBe(null);
  await mkdir(join(root, "folder", COURSE), { recursive: true });
  await expect(courseIn(join(root, "folder"), "maximize")).rejects.toMatchObject({ code: "EISDIR" });
  const lines = [point(1, 5), point(2, 7)].map((one) => JSON.stringify(one)).join("\n");
  await writeFile(join(root, COURSE), `${lines}\n{"evaluations":3,"sec`);
  expect(await courseIn(root, "maximize")).toMatchObject({ best: 7, evaluations: 2, seconds: 4 });
});

const [circles, ratio] = benchmarksNamed(["circles-square-26", "distance-ratio-2d-16"]);
if (circles === undefined || ratio === undefined) throw new Error("the benchmarks are not there");

const goal = { value: circles.bestKnown, direction: "maximize", resolution: 1e-5 } as const;

test.each([
  [2.6359830849176, "reached"],
  [2.6359830849145, "reached"],
  [2.63599, "reached"],
  [2.6361, "improved by 0.00012"],
  [2.63597, "short by 0.000013"],
])("%d is %s", (score, words) => {
  expect(resultText(score, goal)).toBe(words);
});

test("the table has the best of the seeds, how it stands, when it was found and where the runs are", () => {
  const low = { ...courseOf([point(1, 2), point(3, 2.6)], "maximize"), seed: 1, dir: "runs/low" };
  const points = [point(1, 2), point(4, 2.7), point(9, null)];
  const high = { ...courseOf(points, "maximize"), seed: 2, dir: "runs/high" };
  const none = { ...courseOf([], "minimize"), seed: 1, dir: "runs/none" };
  const text = mathsReport(
    [
      { problem: circles, goal, runs: [low, high] },
      { problem: ratio, goal: { ...goal, value: ratio.bestKnown, direction: "minimize" }, runs: [none] },
    ],
    "plots",
  );
  expect(text).toContain(
    "| circles-square-26 | maximize | 2.63586276 | 2.63598308 | 2.70000000 | improved by 0.064 | 2 | 4 (12) | 8 (24) | 120 | 0.00 |",
  );
  expect(text).toContain("| distance-ratio-2d-16 | minimize | 12.8892661 | 12.8892299 | none |");
  expect(text).toContain("| circles-square-26 | 1 | 2.60000000 | 6 s | runs/low |");
  expect(text).toContain("| circles-square-26 | 2 | 2.70000000 | 8 s | runs/high |");
  expect(text).toContain("![circles-square-26](plots/circles-square-26.svg)");
});

test("a plot is a whole SVG without numbers that are none, whatever the course", () => {
  const scores = fc.array(fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 })), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(scores, { maxLength: 3 }), (seeds) => {
      const runs = seeds.map((seed, at) => ({
        ...courseOf(
          seed.map((score, k) => point(k + 1, score)),
          "maximize",
        ),
        seed: at,
        dir: "runs/one",
      }));
      const result: MathsResult = { problem: circles, goal, runs };
      const svg = coursePlot(result);
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }),
  );
});

test("names that are no benchmark are refused; none is all", () => {
  expect(() => benchmarksNamed(["circles-square-26", "circles"])).toThrow(
    "--problems circles: the benchmarks",
  );
  expect(benchmarksNamed([]).length).toBeGreaterThan(10);
});
