// Owns: a small curve with its latest value in words, drawn by hand: it has few points and nobody zooms into it.
interface SmallCurveProps {
  readonly title: string;
  readonly value: string;
  /** Ascending. */
  readonly along: readonly number[];
  readonly values: readonly number[];
  readonly note?: string;
}

const WIDTH = 320;
const HEIGHT = 110;
/** More points than there are pixels show nothing. */
const MOST = 400;

export function SmallCurve({ title, value, along, values, note }: SmallCurveProps) {
  return (
    <figure class="small-curve">
      <figcaption>
        <span class="quiet">{title}</span> <strong>{value}</strong>
      </figcaption>
      <svg viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`} role="img" aria-label={`${title}: ${value}`}>
        <line class="ground" x1="0" y1={HEIGHT} x2={WIDTH} y2={HEIGHT} />
        <path d={pathOf(along, values)} />
      </svg>
      {note === undefined ? null : <p class="quiet small">{note}</p>}
    </figure>
  );
}

/** A staircase: a value holds until the next. */
function pathOf(along: readonly number[], values: readonly number[]): string {
  const [first = 0, last = 1] = [along[0], along.at(-1)];
  const high = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  const step = Math.max(1, Math.ceil(values.length / MOST));
  const points = values.flatMap((value, at) => {
    if (at % step !== 0 && at !== values.length - 1) return [];
    const x = ((along[at] ?? first) - first) / (last - first || 1);
    return [
      [Math.round(x * WIDTH * 10) / 10, Math.round((1 - Math.max(0, value) / high) * HEIGHT * 10) / 10],
    ];
  });
  return points.map(([x = 0, y = 0], at) => (at === 0 ? `M${x} ${y}` : `H${x}V${y}`)).join("");
}
