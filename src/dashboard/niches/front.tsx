// Owns: drawing the front of several metrics over two of them.
import { useMemo } from "preact/hooks";
import { showNumber } from "../../core/run/goal.ts";
import type { History } from "../../core/run/history.ts";
import { linkTo } from "../data/address.ts";
import { frontOf, type FrontPoint } from "./niches-of.ts";
import type { FrontAxis } from "./spaces.ts";

const [WIDTH, HEIGHT] = [560, 340];
/** The latest of the branches that are dominated are drawn. */
const MOST_DRAWN = 2_000;

export function Front({ history, axes }: { readonly history: History; readonly axes: readonly FrontAxis[] }) {
  const points = useMemo(() => frontOf(history, axes), [history.ended, history.reproduced, axes]);
  const [x, y] = axes;
  if (x === undefined || y === undefined) return null;
  const others = points.filter(({ isFront }) => !isFront).slice(-MOST_DRAWN);
  const front = points.filter(({ isFront }) => isFront);
  const placeOn = (at: 0 | 1, length: number) => {
    const values = points.map(({ values }) => values[at] ?? 0);
    const low = values.reduce((least, value) => Math.min(least, value), Infinity);
    const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
    return { low, high, of: (value: number) => ((value - low) / (high - low || 1)) * length };
  };
  const [across, up] = [placeOn(0, WIDTH), placeOn(1, HEIGHT)];
  const dot = ({ branch, values, isFront }: FrontPoint) => {
    const words = `${branch.id}: ${axes.map(({ metric }, at) => `${metric} ${showNumber(values[at] ?? 0)}`).join(", ")}`;
    return (
      <a key={branch.id} href={linkTo({ view: "branch", options: { branch: branch.id } })} aria-label={words}>
        <title>{words}</title>
        <circle
          class={isFront ? "front" : "other"}
          cx={across.of(values[0] ?? 0)}
          cy={HEIGHT - up.of(values[1] ?? 0)}
          r={isFront ? 5 : 3}
        />
      </a>
    );
  };
  const which = (axis: FrontAxis): string =>
    `${axis.metric} (${axis.direction === "minimize" ? "lower" : "higher"} is better)`;
  return (
    <section class="panel" aria-labelledby="front-title">
      <h2 id="front-title">Front</h2>
      <p class="quiet small">
        {front.length} of {points.length} branches are on it: none other is at least as good in {axes.length}{" "}
        metrics and better in one.
      </p>
      <svg
        class="front-map"
        viewBox={`-52 -12 ${WIDTH + 64} ${HEIGHT + 60}`}
        role="group"
        aria-label="The front over two metrics"
      >
        <rect class="frame" x="-8" y="-8" width={WIDTH + 16} height={HEIGHT + 16} />
        {others.map(dot)}
        {front.map(dot)}
        <g class="axis">
          <text x="0" y={HEIGHT + 26}>
            {Number(across.low.toPrecision(5))}
          </text>
          <text x={WIDTH} y={HEIGHT + 26} text-anchor="end">
            {Number(across.high.toPrecision(5))}
          </text>
          <text class="name" x={WIDTH / 2} y={HEIGHT + 42} text-anchor="middle">
            {which(x)}
          </text>
          <text transform={`translate(-16 ${HEIGHT}) rotate(-90)`}>{Number(up.low.toPrecision(5))}</text>
          <text transform="translate(-16 0) rotate(-90)" text-anchor="end">
            {Number(up.high.toPrecision(5))}
          </text>
          <text class="name" transform={`translate(-34 ${HEIGHT / 2}) rotate(-90)`} text-anchor="middle">
            {which(y)}
          </text>
        </g>
      </svg>
    </section>
  );
}
