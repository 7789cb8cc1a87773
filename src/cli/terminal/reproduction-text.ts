// Owns: what came of reproducing a branch, in lines. Pure.
import type { Reproduction } from "../../contracts/index.ts";

/** Empty when it was not tried. */
export function reproductionLines(reproduction: Reproduction | undefined): readonly string[] {
  if (reproduction === undefined) return [];
  const { survives, reason, differences, durationMs } = reproduction;
  const took = `${(durationMs / 1000).toFixed(1)} s`;
  return [
    survives ? `reproduced in a fresh kernel, ${took}` : `not reproduced: ${reason} (${took})`,
    ...differences.map(({ cell, what }) => `  ${cell === null ? "" : `${cell} `}${what}`),
  ];
}
