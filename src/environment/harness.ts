// Owns: how much a model is asked to handle: which tools it has, and what of a round the environment does by itself.
// Data alone: the rules that read it are in round.ts.

import type { Harness } from "../contracts/index.ts";

/** What one harness asks for and does. */
export interface HarnessRules {
  /** The notebook's own tools, in the order in which a model is shown them; null: all. */
  readonly tools: readonly string[] | null;
  /** The first turn of a round is words alone. */
  readonly plansFirst: boolean;
  /** The submission is judged after each turn that ran a cell, and the score is told with the cell's result. */
  readonly scoresCells: boolean;
  /** A model that must end a round is made to call the closing tool once; else the round is closed without it. */
  readonly demandsClose: boolean;
  /** A round that ends worse than it began goes back to its beginning. */
  readonly keepsStart: boolean;
  /** After two failures in a row they leave the prompt, and the model begins anew from what was last good. */
  readonly startsAnew: boolean;
  /** Tokens that the view of the notebook takes at most, whatever the task allows; null: as the task says. */
  readonly contextTokens: number | null;
}

export const HARNESSES: Readonly<Record<Harness, HarnessRules>> = {
  full: {
    tools: null,
    plansFirst: true,
    scoresCells: false,
    demandsClose: true,
    keepsStart: false,
    startsAnew: false,
    contextTokens: null,
  },
  lean: {
    tools: ["run_code", "edit_run", "finish_round"],
    plansFirst: false,
    scoresCells: true,
    demandsClose: false,
    keepsStart: true,
    startsAnew: true,
    contextTokens: 1000,
  },
};
