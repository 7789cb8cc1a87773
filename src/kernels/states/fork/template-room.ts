// Owns: which templates make room for others when there are too many, or too large ones. Pure.
import type { TemplateLimits } from "../../kernel-options.ts";

/** What is weighed of a template. */
export interface WeighedTemplate {
  /** Memory that it has for itself. */
  bytes: number;
  readonly replayMs: number;
  uses: number;
  /** By the count of uses of all templates: a clock that stands still when nothing happens. */
  lastUse: number;
  /** How many kernels are being forked from it now. */
  forking: number;
  /** Whether it was made in the middle of a round, for what becomes of that: it makes room before all others. */
  isPassing: boolean;
}

const MOST_PASSING = 6;

/** Those to give up, of all in the order in which they were made. `uses`: of all of them, until now. */
export function findSurplus<T extends WeighedTemplate>(
  all: readonly T[],
  limits: TemplateLimits,
  uses: number,
): readonly T[] {
  const passing = all.filter(({ isPassing }) => isPassing).slice(0, -MOST_PASSING);
  const surplus: T[] = passing.filter(({ forking }) => forking === 0);
  const rest = all
    .filter((one) => !surplus.includes(one))
    .toSorted(
      (one, other) =>
        Number(other.isPassing) - Number(one.isPassing) || worth(one, uses) - worth(other, uses),
    );
  let bytes = rest.reduce((sum, one) => sum + one.bytes, 0);
  let count = rest.length;
  for (const one of rest) {
    // The newest has not had its chance yet.
    if (one.lastUse === uses || one.forking > 0) continue;
    if (count <= limits.count && bytes <= limits.bytes) break;
    surplus.push(one);
    bytes -= one.bytes;
    count -= 1;
  }
  return surplus;
}

/** Replay cost x expected reuse / private bytes. What was used often, and lately, is expected to be used again. */
function worth(one: WeighedTemplate, uses: number): number {
  const expectedReuse = (1 + one.uses) / (1 + uses - one.lastUse);
  return ((100 + one.replayMs) * expectedReuse) / one.bytes;
}
