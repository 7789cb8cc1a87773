// Owns: what the colours, shapes and lines of a lineage mean.
import { cornersOf, SCORE_COLOURS, SHAPES, type FitnessRange } from "./scale.ts";

/** `direction`: 1 where a score is its fitness, -1 where it is the negative. */
export function Legend({
  range: [low, high],
  direction,
}: {
  readonly range: FitnessRange;
  readonly direction: 1 | -1;
}) {
  const show = (fitness: number): string => `${Number((direction * fitness).toPrecision(5))}`;
  return (
    <div class="legend">
      <span class="scale">
        {show(low)}
        <svg width={SCORE_COLOURS.length * 14} height="10" aria-hidden="true">
          {SCORE_COLOURS.map((colour, at) => (
            <rect key={colour} x={at * 14} width="14" height="10" fill={colour} />
          ))}
        </svg>
        {show(high)}
      </span>
      {Object.entries(SHAPES).map(([operator, shape]) => (
        <span key={operator} class="mark">
          <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
            {shape[0] === 0 ? (
              <circle r="5" />
            ) : (
              <polygon
                points={cornersOf(shape)
                  .map(([x, y]) => `${x * 5},${y * 5}`)
                  .join(" ")}
              />
            )}
          </svg>
          {operator}
        </span>
      ))}
      <span class="mark failed">
        <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
          <path d="M-3.5-3.5L3.5 3.5M-3.5 3.5L3.5-3.5" />
        </svg>
        failed
      </span>
      <span class="mark way">
        <svg width="20" height="14" viewBox="0 0 20 14" aria-hidden="true">
          <path d="M0 7H20" />
        </svg>
        way to the best
      </span>
      <span class="mark other">
        <svg width="20" height="14" viewBox="0 0 20 14" aria-hidden="true">
          <path d="M0 7H20" />
        </svg>
        second parent, or what was repaired
      </span>
    </div>
  );
}
