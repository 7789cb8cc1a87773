// Owns: best of n: every proposal starts again from the founder. The control that any evolution must beat.
import type { Branch } from "../src/contracts/index.ts";
import { defineStrategy, type StrategyMethods } from "./parts/settings.ts";

/** All that is kept: the founder to start from. */
export interface FounderOnly {
  readonly founder: Branch;
}

/** Independent attempts from the founder: the sampling baseline of most papers of this field. */
export const bestOfN = defineStrategy(
  {
    name: "best-of-n",
    summary: "every proposal from the founder: the control that evolution must beat",
    source: "",
    settings: {},
  },
  (): StrategyMethods<FounderOnly> => ({
    start: (founder) => ({ founder }),
    ask: ({ founder }) => ({ operator: "draft", parents: [founder.id], island: 0 }),
    tell: (population) => population,
  }),
);
