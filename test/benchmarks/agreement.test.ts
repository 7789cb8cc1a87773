// The geometric verifiers against a second implementation in another language, on random submissions and on such as nearly
// touch: both agree on what is feasible, and on every bit of the score. NBEVOLVE_AGREEMENT=1000 compares so many for each
// benchmark; the suite compares fewer.
import { afterAll, expect, test } from "vitest";
import type { BenchmarkName } from "../../benchmarks/index.ts";
import { randomAt } from "../../src/core/random.ts";
import type { Judge, Row } from "./exact-judges.ts";
import {
  circlesInRectangle,
  circlesInSquare,
  distanceRatio,
  heilbronnConvex,
  heilbronnTriangle,
  neighbour,
  roundedAgainst,
} from "./exact-judges.ts";
import { hostileJudge } from "./hostile-judge.ts";

type Draw = () => number;
type Rows = readonly Row[];

interface Compared {
  readonly name: BenchmarkName;
  readonly maximize: boolean;
  readonly judge: Judge;
  readonly make: (draw: Draw) => Rows;
}

const COMPARED: readonly Compared[] = [
  {
    name: "circles-square-26",
    maximize: true,
    judge: circlesInSquare,
    make: (draw) => packing(26, 1, 1, draw),
  },
  {
    name: "circles-square-32",
    maximize: true,
    judge: circlesInSquare,
    make: (draw) => packing(32, 1, 1, draw),
  },
  { name: "circles-rectangle-21", maximize: true, judge: circlesInRectangle, make: inRectangle },
  { name: "heilbronn-triangle-11", maximize: true, judge: heilbronnTriangle, make: inTriangle },
  {
    name: "heilbronn-convex-13",
    maximize: true,
    judge: heilbronnConvex,
    make: (draw) => scattered(13, 2, draw),
  },
  {
    name: "heilbronn-convex-14",
    maximize: true,
    judge: heilbronnConvex,
    make: (draw) => scattered(14, 2, draw),
  },
  {
    name: "distance-ratio-2d-16",
    maximize: false,
    judge: distanceRatio(2, false),
    make: (draw) => scattered(16, 2, draw),
  },
  {
    name: "distance-ratio-3d-14",
    maximize: true,
    judge: distanceRatio(3, true),
    make: (draw) => scattered(14, 3, draw),
  },
];

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));
const whole = (draw: Draw, below: number): number => Math.floor(draw() * below);

/** A number moved by a few units in its last place, more often not at all. */
function nudged(value: number, draw: Draw): number {
  const steps = draw() < 0.5 ? 0 : whole(draw, 7) - 3;
  return times(Math.abs(steps), () => steps > 0).reduce(neighbour, value);
}

/** Circles one after the other, each as large as floats say that it may be: touching, give or take the last bits. */
function packing(count: number, width: number, height: number, draw: Draw): Rows {
  const circles: Row[] = [];
  const nearby = draw() < 0.7 ? 1 : 0.9;
  while (circles.length < count) {
    const [x, y] = [draw() * width, draw() * height];
    const walls = Math.min(x, width - x, y, height - y);
    const room = Math.min(walls, ...circles.map(([u = 0, v = 0, r = 0]) => Math.hypot(x - u, y - v) - r));
    const most = Math.min(room, 0.25 + draw() * 0.1);
    if (most > 1e-6) circles.push([x, y, most * nearby]);
  }
  if (draw() < 0.5) return circles;
  const chosen = whole(draw, count);
  return circles.map(([x = 0, y = 0, r = 0], k) =>
    k === chosen ? [nudged(x, draw), y, nudged(r, draw)] : [x, y, r],
  );
}

/** Scaled so that width and height add up to 2, as far as floats can tell. */
function inRectangle(draw: Draw): Rows {
  const circles = packing(21, 0.6 + draw() * 0.4, 1, draw).map(([x = 0, y = 0, r = 0]) => [
    x,
    y,
    r * (1 - 1e-15),
  ]);
  const extent = (axis: number): number =>
    Math.max(...circles.map((row) => (row[axis] ?? 0) + (row[2] ?? 0))) -
    Math.min(...circles.map((row) => (row[axis] ?? 0) - (row[2] ?? 0)));
  const factor = nudged(2 / (extent(0) + extent(1)), draw);
  return circles.map((row) => row.map((value) => value * factor));
}

/** Points in the triangle; often some on its sides, as far as floats can tell. */
function inTriangle(draw: Draw): Rows {
  return times(11, () => {
    const x = draw();
    const y = draw() * (1 - x);
    const place = whole(draw, 12);
    if (place === 0) return [nudged(x, draw), nudged(1 - x, draw)];
    if (place === 1) return [0, y];
    return place === 2 ? [x, draw() < 0.3 ? -5e-324 : 0] : [x, y];
  });
}

/** Points anywhere, or on a small lattice with the last bits changed: on lines, in places twice, at equal distances. */
function scattered(count: number, axes: number, draw: Draw): Rows {
  const scale = 10 ** (whole(draw, 12) - 6);
  if (draw() < 0.4) return times(count, () => times(axes, () => (draw() - 0.5) * scale));
  const side = 3 + whole(draw, 5);
  const all = times(side ** axes, (k) => times(axes, (axis) => Math.floor(k / side ** axis) % side));
  const chosen = times(count, () => all[whole(draw, all.length)] ?? []);
  return chosen.map((point) =>
    point.map((value) => (draw() < 0.7 ? value : nudged((value + 1) / 3, draw) * 3)),
  );
}

const count = Number(process.env["NBEVOLVE_AGREEMENT"] ?? 60);
const python = await hostileJudge(COMPARED.map(({ name }) => name));
afterAll(() => python.end());
await python.run(`
def compare(name, submissions):
    task, answers = hostile.TASKS[name], []
    verify = hostile.load_verifier(task.source)["verify"]
    for submission in submissions:
        try:
            answers.append(verify(submission).get("strict"))
        except ValueError:
            answers.append(None)
    return answers
`);

test.each(COMPARED)("$name", async ({ name, maximize, judge, make }) => {
  let feasible = 0;
  for (let done = 0; done < count; done += 50) {
    const batch = times(Math.min(50, count - done), (k) => {
      const random = randomAt(1, name, done + k);
      return make(() => random.next());
    });
    const answers: readonly (number | null)[] = await python.evaluate(
      `compare(${JSON.stringify(name)}, json.loads(${JSON.stringify(JSON.stringify(batch))}))`,
    );
    for (const [k, rows] of batch.entries()) {
      const [wanted, given] = [judge(rows), answers[k] ?? null];
      const where = `submission ${done + k}: ${JSON.stringify(rows)}`;
      expect(given === null, where).toBe(wanted === null);
      if (wanted === null || given === null) continue;
      feasible += 1;
      if (wanted[0] === 0n) expect(given, where).toBe(0);
      else expect(roundedAgainst(given, wanted, maximize), where).toBe(true);
    }
  }
  expect(feasible).toBeGreaterThan(count / 10);
  expect(feasible).toBeLessThan(count * (name.startsWith("heilbronn-convex") ? 1.01 : 0.99));
});
