// Owns: the plot of score over evaluations as an SVG. Pure; the same numbers give the same bytes.
import type { MathsResult } from "./course.ts";

const WIDTH = 520;
const HEIGHT = 278;
const LEFT = 90;
const RIGHT = 16;
const TOP = 52;
const BOTTOM = 40;
const COLOURS = ["#1b6ca8", "#c0582b", "#3d8b4f", "#7a4ea3", "#9a7b1c", "#a33a5e", "#2e8c8c", "#6b6b6b"];

/** One line for each seed, a dashed one for the published score, a dotted one for the best known. Evaluations are on a logarithmic scale. */
export function coursePlot({ problem, runs }: MathsResult): string {
  const shown = runs.flatMap(({ steps }) => steps.flatMap(({ score }) => score ?? []));
  const values = [...focus(shown, problem.bestKnown), problem.published, problem.bestKnown];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  const most = Math.max(10, ...runs.map(({ evaluations }) => evaluations));
  const x = (evaluations: number): number =>
    LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(Math.max(1, evaluations))) / Math.log(most);
  const y = (score: number): number => {
    const share = (score - low + margin) / (high - low + 2 * margin);
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(Math.max(share, 0), 1);
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="18" font-size="13">${problem.name} (${problem.direction})</text>`,
    level(y(problem.published), "5 4", `published ${problem.published}`, 0),
    level(y(problem.bestKnown), "1 3", `best known ${problem.bestKnown}`, 150),
    ...ticks(low, high).map((value) => label(LEFT - 6, y(value) + 4, value.toPrecision(7), "end")),
    ...decades(most).map((value) => label(x(value), HEIGHT - BOTTOM + 15, `${value}`, "middle")),
    label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "submissions judged", "middle"),
    `<path d="M${LEFT},${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#444"/>`,
    ...runs.map(({ steps, evaluations }, at) => {
      const points = steps.map(({ score, evaluations: k }) => ({ at: x(k), to: y(score ?? low) }));
      const line = points.map(({ at: h, to }, k) => (k === 0 ? `M${n(h)},${n(to)}` : `H${n(h)}V${n(to)}`));
      const end = points.length > 0 ? `H${n(x(evaluations))}` : "";
      return `<path d="${line.join("")}${end}" fill="none" stroke="${COLOURS[at % COLOURS.length]}" stroke-width="1.5"/>`;
    }),
    "</svg>",
    "",
  ].join("\n");
}

/** The scores without the first, poor ones: those within a third of the largest distance to the best known. */
function focus(scores: readonly number[], bestKnown: number): readonly number[] {
  const far = Math.max(0, ...scores.map((score) => Math.abs(score - bestKnown)));
  const near = scores.filter((score) => Math.abs(score - bestKnown) <= far / 3);
  return near.length > 0 ? near : scores;
}

function level(at: number, dashes: string, text: string, shift: number): string {
  const line = `<path d="M${LEFT},${n(at)}H${WIDTH - RIGHT}" stroke="#888" stroke-dasharray="${dashes}"/>`;
  return line + label(WIDTH - RIGHT - shift, TOP - 6, `${dashes === "5 4" ? "- -" : "···"} ${text}`, "end");
}

function ticks(low: number, high: number): readonly number[] {
  return [low, (low + high) / 2, high];
}

function decades(most: number): readonly number[] {
  return Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_, k) => 10 ** k);
}

const label = (x: number, y: number, text: string, anchor: "end" | "middle"): string =>
  `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="#444">${text}</text>`;
const n = (value: number): string => value.toFixed(1);
