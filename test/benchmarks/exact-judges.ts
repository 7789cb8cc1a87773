// Owns: a second implementation of what the geometric verifiers decide, in integers of JavaScript: every double is an integer
// times 2^-1074. Shares nothing with the first; decides, scores, repairs nothing.

export type Row = readonly number[];
/** Null: a constraint does not hold. Else numerator and denominator of the exact score. */
export type Exact = readonly [numerator: bigint, denominator: bigint] | null;
export type Judge = (rows: readonly Row[]) => Exact;

const UNIT = exact(1);

/** The integer that a double is a multiple 2^-1074 of. */
export function exact(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const fraction = word & ((1n << 52n) - 1n);
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return word >> 63n === 1n ? -size : size;
}

/** Whether a positive float is the rational, or the nearest float on the side that does not flatter it. */
export function roundedAgainst(score: number, [top, bottom]: NonNullable<Exact>, maximize: boolean): boolean {
  const compare = (value: number): bigint => exact(value) * bottom - top * UNIT;
  const worse = (value: number): boolean => (maximize ? compare(value) <= 0n : compare(value) >= 0n);
  return worse(score) && (compare(score) === 0n || !worse(neighbour(score, maximize)));
}

/** The next larger or smaller double of a positive one. */
export function neighbour(value: number, larger: boolean): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + (larger ? 1n : -1n));
  return bits.getFloat64(0);
}

const integers = (rows: readonly Row[]): readonly (readonly bigint[])[] => rows.map((row) => row.map(exact));
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error(`nothing at ${index}`);
  return found;
};
const abs = (value: bigint): bigint => (value < 0n ? -value : value);
const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const greatest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a));

/** Every pair of rows, by index. */
function* pairs(count: number): Generator<readonly [number, number]> {
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) yield [i, j];
}

const squaredDistance = (a: readonly bigint[], b: readonly bigint[], axes: number): bigint =>
  Array.from({ length: axes }, (_, k) => (at(a, k) - at(b, k)) ** 2n).reduce((sum, square) => sum + square);

function disjoint(circles: readonly (readonly bigint[])[]): boolean {
  for (const [i, j] of pairs(circles.length)) {
    const [a, b] = [at(circles, i), at(circles, j)];
    if (squaredDistance(a, b, 2) < (at(a, 2) + at(b, 2)) ** 2n) return false;
  }
  return true;
}

const radii = (circles: readonly (readonly bigint[])[]): Exact => [
  circles.reduce((sum, circle) => sum + at(circle, 2), 0n),
  UNIT,
];

export const circlesInSquare: Judge = (rows) => {
  const circles = integers(rows);
  const inside = circles.every((circle) =>
    [at(circle, 0), at(circle, 1)].every((c) => c - at(circle, 2) >= 0n && c + at(circle, 2) <= UNIT),
  );
  return inside && disjoint(circles) ? radii(circles) : null;
};

export const circlesInRectangle: Judge = (rows) => {
  const circles = integers(rows);
  const extent = (axis: number): bigint =>
    greatest(circles.map((circle) => at(circle, axis) + at(circle, 2))) -
    least(circles.map((circle) => at(circle, axis) - at(circle, 2)));
  return extent(0) + extent(1) <= 2n * UNIT && disjoint(circles) ? radii(circles) : null;
};

/** By the shoelace formula, for every three points. */
function smallestDoubleArea(points: readonly (readonly bigint[])[]): bigint {
  const areas: bigint[] = [];
  for (const [i, j] of pairs(points.length))
    for (let k = j + 1; k < points.length; k++)
      areas.push(abs(shoelace([at(points, i), at(points, j), at(points, k)])));
  return least(areas);
}

const shoelace = (corners: readonly (readonly bigint[])[]): bigint =>
  corners.reduce((sum, [x = 0n, y = 0n], k) => {
    const [u = 0n, v = 0n] = at(corners, (k + 1) % corners.length);
    return sum + x * v - u * y;
  }, 0n);

export const heilbronnTriangle: Judge = (rows) => {
  const points = integers(rows);
  const inside = points.every(([x = 0n, y = 0n]) => x >= 0n && y >= 0n && x + y <= UNIT);
  return inside ? [smallestDoubleArea(points), UNIT * UNIT] : null;
};

/** Null when all points are on one line. */
export const heilbronnConvex: Judge = (rows) => {
  const points = integers(rows);
  const hull = wrapped(points);
  const area = abs(shoelace(hull));
  return area === 0n ? null : [smallestDoubleArea(points), area];
};

/** The hull by gift wrapping: from each corner to the point that leaves all others to its left, the farthest of several. */
function wrapped(points: readonly (readonly bigint[])[]): readonly (readonly bigint[])[] {
  const first = points.reduce((a, b) =>
    at(b, 0) < at(a, 0) || (at(b, 0) === at(a, 0) && at(b, 1) < at(a, 1)) ? b : a,
  );
  const hull = [first];
  for (let from = first; hull.length <= points.length;) {
    let to = first;
    for (const point of points) {
      const side = shoelace([from, to, point]);
      const farther = squaredDistance(from, point, 2) > squaredDistance(from, to, 2);
      if (side < 0n || (side === 0n && farther) || squaredDistance(from, to, 2) === 0n) to = point;
    }
    if (squaredDistance(to, first, 2) === 0n) break;
    hull.push(to);
    from = to;
  }
  return hull;
}

/** (greatest / least distance) squared; null when two points coincide. */
export const distanceRatio =
  (axes: number, inverse: boolean): Judge =>
  (rows) => {
    const points = integers(rows);
    const squares = [...pairs(points.length)].map(([i, j]) =>
      squaredDistance(at(points, i), at(points, j), axes),
    );
    const [low, high] = [least(squares), greatest(squares)];
    if (low === 0n) return null;
    return inverse ? [low, high] : [high, low];
  };
