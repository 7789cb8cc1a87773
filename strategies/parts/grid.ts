// Owns: which niche of a regular grid a point lies in. As pyribs' GridArchive counts them.
import type { Axis } from "./axes.ts";

// Keeps a point on a bin's lower edge in that bin although the division rounds down; pyribs' value.
const EPSILON = 1e-6;

/** Niches in all. */
export function gridSize(axes: readonly Axis[]): number {
  return axes.reduce((size, { bins }) => size * bins, 1);
}

/** The niche's number: the last axis runs fastest, and what lies outside a range counts to its outermost bin. */
export function gridNiche(axes: readonly Axis[], point: readonly number[]): number {
  return axes.reduce((niche, axis, i) => niche * axis.bins + binOf(axis, point[i] ?? axis.min), 0);
}

function binOf({ min, max, bins }: Axis, value: number): number {
  const bin = Math.trunc((bins * (value - min) + EPSILON) / (max - min));
  return Math.min(Math.max(bin, 0), bins - 1);
}
