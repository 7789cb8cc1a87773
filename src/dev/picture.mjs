// Owns: the README's picture: `node src/dev/picture.mjs <run directory> <file.svg>` draws a run of circles-square-26: its first
// solution, its best one and the best score so far, and plays once how the one became the other.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./ensure.mjs";

const SIDE = 220;
const TOP = 24;
const GAP = 24;
const CURVE_WIDTH = 300;
const AXIS = 44;
const SECONDS = 6;
const BLUE = "#1b6ca8";
const GREY = "#555";
const n = (value) => String(Number(value.toFixed(2)));

/** The picture as SVG text. `steps`: the best branches in their order, each with its proposal's number, score and circles `[x, y, r]`. */
export function drawRun(steps, proposals, bestKnown) {
  const first = steps[0];
  const best = steps.at(-1);
  const middle = SIDE + GAP;
  const curve = 2 * (SIDE + GAP) + AXIS;
  const width = curve + CURVE_WIDTH + 12;
  const height = TOP + SIDE + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<title>26 circles in a unit square: the first solution, the best one, and the best score after each proposal</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    frame(6, `First solution: ${Number(first.score.toFixed(7))}`),
    ...first.circles.map((circle) => circleTag(circle, 6, "")),
    frame(middle, `Proposal ${best.proposal}: ${Number(best.score.toFixed(7))}`),
    ...matched(steps).map((course) => circleTag(course.at(-1), middle, motion(course, steps, proposals))),
    ...curveTags(steps, proposals, bestKnown, curve),
    "</svg>",
    "",
  ].join("\n");
}

function frame(left, words) {
  return (
    `<rect x="${left}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#444"/>` +
    text(left + SIDE / 2, TOP + SIDE + 20, words, "middle")
  );
}

const text = (x, y, words, anchor) =>
  `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="${GREY}">${words}</text>`;

const placed = ([x, y, r], left) => [left + x * SIDE, TOP + (1 - y) * SIDE, r * SIDE];

function circleTag(circle, left, inside) {
  const [x, y, r] = placed(circle, left);
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${BLUE}" fill-opacity="0.25" stroke="${BLUE}">${inside}</circle>`;
}

/** The course of each circle through the steps: the nearest one of the step before that no other has. */
function matched(steps) {
  const courses = steps.at(-1).circles.map((circle) => [circle]);
  for (const { circles } of steps.slice(0, -1).toReversed()) {
    const left = [...circles];
    for (const course of courses) {
      const [x, y] = course[0];
      const nearest = left.reduce((a, b) =>
        Math.hypot(b[0] - x, b[1] - y) < Math.hypot(a[0] - x, a[1] - y) ? b : a,
      );
      left.splice(left.indexOf(nearest), 1);
      course.unshift(nearest);
    }
  }
  return courses;
}

/** When each step begins and ends, as shares of the time: at its proposal, or after the step before it. */
function times(steps, proposals) {
  const quick = 0.2 / SECONDS;
  const shares = [0];
  for (const { proposal } of steps.slice(1)) {
    const begin = Math.max((proposal / proposals) * 0.9, shares.at(-1));
    shares.push(begin, begin + quick);
  }
  return shares;
}

function motion(course, steps, proposals) {
  const at = course.map((circle) => placed(circle, SIDE + GAP));
  const keyTimes = [...times(steps, proposals).map((share) => share.toFixed(4)), "1"].join(";");
  return ["cx", "cy", "r"]
    .map((name, which) => {
      const values = at.flatMap((values, k) =>
        k === 0 ? [values[which]] : [at[k - 1][which], values[which]],
      );
      const list = [...values, values.at(-1)].map(n).join(";");
      return `<animate attributeName="${name}" dur="${SECONDS}s" values="${list}" keyTimes="${keyTimes}"/>`;
    })
    .join("");
}

function curveTags(steps, proposals, bestKnown, left) {
  const low = steps[1].score - 0.002;
  const x = (proposal) => left + (proposal / proposals) * CURVE_WIDTH;
  const y = (score) => TOP + SIDE - (SIDE - 30) * Math.max(0, (score - low) / (bestKnown - low));
  const points = steps.slice(1);
  const start = `M${n(x(0))},${TOP + SIDE}H${n(x(points[0].proposal))}V${n(y(points[0].score))}`;
  const line = points.slice(1).map((step) => `H${n(x(step.proposal))}V${n(y(step.score))}`);
  const ticks = [0, Math.round(proposals / 2), proposals];
  return [
    text(left + CURVE_WIDTH, y(bestKnown) - 7, `best known: ${bestKnown.toFixed(7)}`, "end"),
    `<path d="M${n(left)},${n(y(bestKnown))}h${CURVE_WIDTH}" stroke="#888" stroke-dasharray="3 3"/>`,
    `<path d="M${n(left)},${TOP}V${TOP + SIDE}h${CURVE_WIDTH}" fill="none" stroke="#444"/>`,
    ...[points[0].score, bestKnown].map((score) => text(left - 5, y(score) + 4, score.toFixed(3), "end")),
    ...ticks.map((proposal) => text(x(proposal), TOP + SIDE + 15, proposal, "middle")),
    text(left + CURVE_WIDTH / 2, TOP + SIDE + 32, "proposals", "middle"),
    text(left, TOP - 8, "best sum of radii so far", "start"),
    `<path d="${start}${line.join("")}H${n(x(proposals))}" fill="none" stroke="${BLUE}" stroke-width="2"/>`,
    ...points.map(
      (step) => `<circle cx="${n(x(step.proposal))}" cy="${n(y(step.score))}" r="3" fill="${BLUE}"/>`,
    ),
  ];
}

/** The branches of a run that were the best when they came, with what they submitted. */
async function readSteps(dir) {
  const { bestKnown } = JSON.parse(
    readFileSync(join(ROOT, "benchmarks/tasks/circles-square-26/task.ipynb"), "utf8"),
  ).metadata.nbevolve;
  const { openRunStore, readHistory, scoreCourse } = await import(join(ROOT, "dist/src/index.js"));
  const store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const branches = [...new Set(scoreCourse(history, "proposed").map(({ best }) => best))];
  const steps = await Promise.all(
    branches.map(async ({ number, score, submission }) => {
      const value = JSON.parse(new TextDecoder().decode(await store.readBlob(submission)));
      return { proposal: number, score: score.metrics.score, circles: value };
    }),
  );
  return { steps, proposals: history.proposals, bestKnown };
}

if (import.meta.filename === process.argv[1]) {
  const [dir, file] = process.argv.slice(2);
  const { steps, proposals, bestKnown } = await readSteps(dir);
  writeFileSync(file, drawRun(steps, proposals, bestKnown));
}
