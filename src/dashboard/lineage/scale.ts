// Owns: colours of scores, readable by the colour-blind, and shapes of operators. Pure.
import type { Operator } from "../../contracts/index.ts";
import type { LineageNode } from "./nodes.ts";

/** Colours from the worst to the best: each is lighter than the one before it, whatever hue one sees. */
export const SCORE_COLOURS = [
  "#40407f",
  "#3b5a94",
  "#34749c",
  "#2f8e99",
  "#47a78a",
  "#83bd6e",
  "#c6c850",
  "#f6cf3f",
];

/** The fitness of the first and of the last colour. */
export type FitnessRange = readonly [low: number, high: number];

/** Covers all of a few; of many, the worst tenth would take the colours from the rest. */
export function fitnessRange(nodes: readonly Pick<LineageNode, "fitness">[]): FitnessRange {
  const all = nodes.flatMap(({ fitness }) => fitness ?? []).sort((a, b) => a - b);
  const [low, high] = [all[all.length < 40 ? 0 : Math.floor(all.length * 0.1)], all.at(-1)];
  return low === undefined || high === undefined ? [0, 1] : [low, high];
}

/** Place of the colour. */
export function shadeOf(fitness: number, [low, high]: FitnessRange): number {
  const last = SCORE_COLOURS.length - 1;
  if (high <= low) return fitness < low ? 0 : last;
  return Math.min(last, Math.max(0, Math.floor(((fitness - low) / (high - low)) * SCORE_COLOURS.length)));
}

/** Corners of a shape, and by how much of a turn it stands; 0 corners: round. */
export type OperatorShape = readonly [corners: number, turned: number, isStar?: boolean];

export const SHAPES: Readonly<Record<Operator, OperatorShape>> = {
  improve: [0, 0],
  draft: [3, 0],
  simplify: [3, 0.5],
  cross: [4, 0],
  restart: [4, 0.125],
  repair: [5, 0],
  inject: [5, 0, true],
};

/** The corners around 0, 0, for a radius of 1. */
export function cornersOf([corners, turned, isStar = false]: OperatorShape): readonly (readonly [
  x: number,
  y: number,
])[] {
  const count = isStar ? corners * 2 : corners;
  return Array.from({ length: count }, (_, at) => {
    const angle = (at / count + turned - 0.25) * 2 * Math.PI;
    const radius = (isStar && at % 2 === 1 ? 0.5 : 1) * (corners === 0 ? 1 : 1.2);
    return [Math.cos(angle) * radius, Math.sin(angle) * radius] as const;
  });
}
