// Owns: the space of behaviour: its axes, a branch's place on them, and the niches of a grid or of Voronoi cells.
import type { Branch, DescriptorSpec } from "../../src/contracts/index.ts";
import { isRecord } from "../../src/core/untrusted.ts";
import type { Setting } from "./settings.ts";
import { randomAt } from "../../src/core/random.ts";

/** A metric of the verifier or a trait of the notebook (`notebook.cells`, ...), its range and its bins. */
export type Axis = DescriptorSpec;

/** A branch's value on each axis; one that was not measured counts as the range's lower end. */
export function coordinatesOf(axes: readonly Axis[], branch: Branch): readonly number[] {
  return axes.map(({ metric, min }) => branch.score.metrics[metric] ?? branch.traits?.[metric] ?? min);
}

/** Axes that any notebook has, for a task without descriptors. */
const NOTEBOOK_AXES = [
  { metric: "notebook.lines", min: 0, max: 400, bins: 8 },
  { metric: "notebook.families", min: 0, max: 8, bins: 8 },
];

/** Axes as a setting; by default the task's descriptors, or where it has none, what any notebook has. */
export function axesSetting(meaning: string): Setting<readonly Axis[]> {
  const range = "a list of { metric, min, max, bins }, min below max, bins 1 or more";
  return {
    meaning,
    range,
    defaultText: "the task's descriptors",
    defaultValue: ({ descriptors }) => (descriptors.length === 0 ? NOTEBOOK_AXES : descriptors),
    read: (given) => (Array.isArray(given) && given.every(isAxis) ? given : undefined),
    toJson: (axes) => axes.map(({ metric, min, max, bins }) => ({ metric, min, max, bins })),
  };
}

function isAxis(given: unknown): given is Axis {
  if (!isRecord(given)) return false;
  const { metric, min, max, bins } = given;
  const isRange = Number.isFinite(min) && Number.isFinite(max) && Number(min) < Number(max);
  return typeof metric === "string" && isRange && Number.isInteger(bins) && Number(bins) >= 1;
}

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

/** Coordinates, one for each axis. */
export type Point = readonly number[];

const SAMPLES_A_CENTROID = 40;
const LLOYD_STEPS = 20;

/**
 * Centroids that divide the axes' box evenly, a pure function of `seed`.
 * Source: Vassiliades, Chatzilygeroudis and Mouret 2018 (CVT-MAP-Elites); Lloyd 1982.
 */
export function cvtCentroids(axes: readonly Axis[], count: number, seed: number): readonly Point[] {
  const random = randomAt("cvt", seed);
  const draw = (): Point => axes.map(({ min, max }) => min + (max - min) * random.next());
  const samples = Array.from({ length: count * SAMPLES_A_CENTROID }, draw);
  let centroids: readonly Point[] = samples.slice(0, count);
  for (let step = 0; step < LLOYD_STEPS; step++) centroids = lloydStep(centroids, samples);
  return centroids;
}

/** The index of the nearest centroid, by squared distance; of equals, the first. */
export function nearestCentroid(centroids: readonly Point[], point: Point): number {
  let nearest = 0;
  let least = Infinity;
  for (const [i, centroid] of centroids.entries()) {
    const distance = squaredDistance(centroid, point);
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
}

/** The square of the Euclidean distance. */
export function squaredDistance(a: Point, b: Point): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((b[i] ?? 0) - (a[i] ?? 0)) ** 2;
  return sum;
}

/** Each centroid moves to the mean of the samples nearest to it; one that has none stays. */
function lloydStep(centroids: readonly Point[], samples: readonly Point[]): readonly Point[] {
  const sums = centroids.map((centroid) => centroid.map(() => 0));
  const counts = centroids.map(() => 0);
  for (const sample of samples) {
    const i = nearestCentroid(centroids, sample);
    counts[i] = (counts[i] ?? 0) + 1;
    const sum = sums[i] ?? [];
    for (const [d, value] of sample.entries()) sum[d] = (sum[d] ?? 0) + value;
  }
  return centroids.map((centroid, i) => {
    const count = counts[i] ?? 0;
    return count === 0 ? centroid : (sums[i] ?? []).map((sum) => sum / count);
  });
}
