// Owns: best of n - every proposal starts anew from the founder. The control that any evolution must beat.
import type { Branch, Strategy } from "../src/contracts/index.ts";

/** All that is kept: the founder to start from. */
export interface FounderOnly {
  readonly founder: Branch;
}

/** Independent attempts from the founder. Source: the sampling baseline of every paper of this field. */
export function bestOfN(): Strategy<FounderOnly> {
  return {
    name: "best-of-n",
    settings: {},
    start: (founder) => ({ founder }),
    ask: ({ founder }) => ({ operator: "draft", parents: [founder.id], island: 0 }),
    tell: (population) => population,
  };
}
