// Owns: centroidal Voronoi niches - centroids spread over a box, and the nearest one to a point.
import { randomAt } from "../../src/core/random.ts";
import type { Axis } from "./axes.ts";

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
