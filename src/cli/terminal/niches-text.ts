// Owns: in a line, which kinds of constructions a run has found, by its task's descriptors. Never asks a strategy.
import { bestFirst } from "../../core/run/branch.ts";
import type { Branch, DescriptorSpec } from "../../contracts/index.ts";
import { gridNiche, gridSize } from "../../../strategies/parts/niches.ts";

/** How many niches hold a branch, and the best of the best few; none where the task has no descriptors. */
export function nichesText(axes: readonly DescriptorSpec[], branches: readonly Branch[]): readonly string[] {
  if (axes.length === 0) return [];
  const elites = new Map<number, Branch>();
  for (const branch of branches.toSorted(bestFirst)) {
    const niche = gridNiche(axes, branch.descriptor);
    if (!elites.has(niche)) elites.set(niche, branch);
  }
  const names = axes.map(({ metric }) => metric).join(", ");
  const best = [...elites.values()]
    .slice(0, 5)
    .map(({ id, descriptor }) => `${id} at ${placeOf(descriptor)}`);
  return [
    `niches by ${names}: ${elites.size} of ${gridSize(axes)} have a branch; the best: ${best.join("; ")}`,
  ];
}

function placeOf(descriptor: readonly number[]): string {
  return descriptor.map((value) => Number(value.toPrecision(3))).join(", ");
}
