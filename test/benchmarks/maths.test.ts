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
import { mathsReport } from "../../benchmarks/maths/report.ts";

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

test("the table has the best of the seeds, its gap, and when it was found", () => {
  const low = { ...courseOf([point(1, 2), point(3, 2.6)], "maximize"), seed: 1 };
  const high = { ...courseOf([point(1, 2), point(4, 2.7), point(9, null)], "maximize"), seed: 2 };
  const none = { ...courseOf([], "minimize"), seed: 1 };
  const text = mathsReport(
    [
      { problem: circles, runs: [low, high] },
      { problem: ratio, runs: [none] },
    ],
    "plots",
  );
  expect(text).toContain(
    "| circles-square-26 | maximize | 2.635862756 | 2.6359830849176 | 2.7 | +6.4e-2 | 2 | 4 (12) | 8 (24) | 120 | 0.00 |",
  );
  expect(text).toContain("| distance-ratio-2d-16 | minimize | 12.889266112 | 12.889229907694 | none |");
  expect(text).toContain("1: 2.6 after 6 s; 2: 2.7 after 8 s");
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
      }));
      const result: MathsResult = { problem: circles, runs };
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
