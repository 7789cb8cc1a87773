// Owns: Pareto dominance among points: ranks and crowding. Higher is better on every axis.
import type { Point } from "./niches.ts";

/** At least as good everywhere and better somewhere. */
export function dominates(a: Point, b: Point): boolean {
  return a.every((value, i) => value >= (b[i] ?? 0)) && a.some((value, i) => value > (b[i] ?? 0));
}

/**
 * The front that each point lies on: no point dominates front 0, only those of front 0 dominate front 1, and so on.
 * Source: Deb et al. 2002 (NSGA-II), fast non-dominated sorting.
 */
export function rankFronts(points: readonly Point[]): readonly number[] {
  const front: number[] = points.map(() => -1);
  const above = points.map((a) => points.filter((b) => dominates(b, a)).length);
  for (let rank = 0, left = points.length; left > 0; rank++) {
    const now = [...points.keys()].filter((i) => front[i] === -1 && above[i] === 0);
    for (const i of now) front[i] = rank;
    for (const i of now)
      for (const [j, point] of points.entries())
        if (dominates(points[i] ?? [], point)) above[j] = (above[j] ?? 0) - 1;
    left -= now.length;
  }
  return front;
}

/**
 * How much room each point of one front has: the sum over axes of the distance between its neighbours, by the
 * front's range; infinite at the ends. Source: Deb et al. 2002, crowding distance.
 */
export function crowdingDistances(front: readonly Point[]): readonly number[] {
  const room: number[] = front.map(() => 0);
  for (const axis of (front[0] ?? []).keys()) {
    const at = (i: number | undefined): number => front[i ?? 0]?.[axis] ?? 0;
    const order = [...front.keys()].toSorted((i, j) => at(i) - at(j) || i - j);
    const range = at(order.at(-1)) - at(order[0]);
    for (const [place, i] of order.entries()) {
      const isEnd = place === 0 || place === order.length - 1;
      const isSpread = range > 0 && Number.isFinite(range);
      const gap = isSpread ? (at(order[place + 1]) - at(order[place - 1])) / range : 0;
      room[i] = isEnd ? Infinity : (room[i] ?? 0) + gap;
    }
  }
  return room;
}
