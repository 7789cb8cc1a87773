// Owns: drawing niches over two of their axes: squares of a grid, or the places of Voronoi niches, coloured by their best.
import type { ComponentChildren } from "preact";
import { showNumber } from "../../core/run/goal.ts";
import type { Branch } from "../../contracts/index.ts";
import { linkTo } from "../data/address.ts";
import { SCORE_COLOURS, shadeOf, type FitnessRange } from "../lineage/scale.ts";
import { binsOf } from "./niches-of.ts";
import type { NicheSpace } from "./spaces.ts";

interface NicheMapProps {
  readonly space: NicheSpace;
  readonly elites: ReadonlyMap<number, Branch>;
  /** Places of the two axes among the space's; the second is null where there is one axis. */
  readonly across: number;
  readonly up: number | null;
  readonly range: FitnessRange;
  readonly scoreOf: (branch: Branch) => number;
}

/** Pixels of the longer side. */
const SIDE = 560;
const EDGE = 46;
/** More lines of a grid would hide it. */
const MOST_LINES = 100;

export function NicheMap(props: NicheMapProps) {
  const { space, across, up } = props;
  const [x, y] = [space.axes[across], up === null ? undefined : space.axes[up]];
  if (x === undefined) return null;
  const height = y === undefined ? 60 : SIDE;
  const name = y === undefined ? x.metric : `${x.metric} and ${y.metric}`;
  return (
    <svg
      class="niche-map"
      viewBox={`0 0 ${SIDE + EDGE + 10} ${height + EDGE + 10}`}
      role="group"
      aria-label={`Niches over ${name}`}
    >
      <g transform={`translate(${EDGE} 5)`}>
        <rect class="frame" width={SIDE} height={height} />
        {space.centroids === null ? (
          <Squares {...props} height={height} />
        ) : (
          <Places {...props} height={height} />
        )}
      </g>
      <AxisText
        text={x.metric}
        low={x.min}
        high={x.max}
        length={SIDE}
        transform={`translate(${EDGE} ${height + 5})`}
      />
      {y === undefined ? null : (
        <AxisText
          text={y.metric}
          low={y.min}
          high={y.max}
          length={height}
          isUp
          transform={`translate(${EDGE} ${height + 5}) rotate(-90)`}
        />
      )}
    </svg>
  );
}

interface AxisTextProps {
  readonly text: string;
  readonly low: number;
  readonly high: number;
  readonly length: number;
  readonly isUp?: boolean;
  readonly transform: string;
}

function AxisText({ text, low, high, length, isUp = false, transform }: AxisTextProps) {
  const [numbers, words] = isUp ? [-8, -26] : [18, 36];
  return (
    <g class="axis" transform={transform}>
      <text x={0} y={numbers}>
        {shortNumber(low)}
      </text>
      <text x={length} y={numbers} text-anchor="end">
        {shortNumber(high)}
      </text>
      <text class="name" x={length / 2} y={words} text-anchor="middle">
        {text}
      </text>
    </g>
  );
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(5)));

/** The best over all other axes, by the bins of the two. */
function Squares({
  space,
  elites,
  across,
  up,
  range,
  scoreOf,
  height,
}: NicheMapProps & { readonly height: number }) {
  const [columns, rows] = [space.axes[across]?.bins ?? 1, up === null ? 1 : (space.axes[up]?.bins ?? 1)];
  const shown = new Map<number, Branch>();
  for (const [niche, branch] of elites) {
    const bins = binsOf(space, niche);
    const place = (bins[across] ?? 0) + columns * (up === null ? 0 : (bins[up] ?? 0));
    const known = shown.get(place);
    if (known === undefined || known.score.fitness < branch.score.fitness) shown.set(place, branch);
  }
  const [width, tall] = [SIDE / columns, height / rows];
  const lines = [
    ...Array.from({ length: columns - 1 }, (_, at) => `M${(at + 1) * width} 0V${height}`),
    ...Array.from({ length: rows - 1 }, (_, at) => `M0 ${(at + 1) * tall}H${SIDE}`),
  ];
  return (
    <>
      {columns + rows > MOST_LINES ? null : <path class="lines" d={lines.join("")} />}
      {[...shown].map(([place, branch]) => (
        <Niche key={place} branch={branch} score={scoreOf(branch)}>
          <rect
            x={(place % columns) * width + 0.5}
            y={height - (Math.floor(place / columns) + 1) * tall + 0.5}
            width={Math.max(1, width - 1)}
            height={Math.max(1, tall - 1)}
            fill={SCORE_COLOURS[shadeOf(branch.score.fitness, range)]}
          />
        </Niche>
      ))}
    </>
  );
}

function Places({
  space,
  elites,
  across,
  up,
  range,
  scoreOf,
  height,
}: NicheMapProps & { readonly height: number }) {
  const placeOn = (axis: number, length: number, value: number): number => {
    const { min, max } = space.axes[axis] ?? { min: 0, max: 1 };
    return ((value - min) / (max - min)) * length;
  };
  const radius = Math.max(2, Math.min(9, SIDE / Math.sqrt(space.size) / 2.6));
  return (
    <>
      {(space.centroids ?? []).map((point, niche) => {
        const branch = elites.get(niche);
        const cx = placeOn(across, SIDE, point[across] ?? 0);
        const cy = up === null ? height / 2 : height - placeOn(up, height, point[up] ?? 0);
        if (branch === undefined) return <circle key={niche} class="empty" cx={cx} cy={cy} r={radius / 2} />;
        return (
          <Niche key={niche} branch={branch} score={scoreOf(branch)}>
            <circle cx={cx} cy={cy} r={radius} fill={SCORE_COLOURS[shadeOf(branch.score.fitness, range)]} />
          </Niche>
        );
      })}
    </>
  );
}

interface NicheProps {
  readonly branch: Branch;
  readonly score: number;
  readonly children: ComponentChildren;
}

function Niche({ branch: { id }, score, children }: NicheProps) {
  const words = `${id}, score ${showNumber(score)}`;
  return (
    <a href={linkTo({ view: "branch", options: { branch: id } })} aria-label={words}>
      <title>{words}</title>
      {children}
    </a>
  );
}
