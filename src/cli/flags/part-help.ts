// Owns: what the help says of the flags that name parts of a run, and their defaults.
import { SHIPPED_RENDERERS } from "../../../renderers/shipped.ts";
import { SHIPPED_STRATEGIES } from "../../../strategies/shipped.ts";

const STRATEGIES = SHIPPED_STRATEGIES.map(({ declaration }) => declaration.name);
const RENDERERS = SHIPPED_RENDERERS.map((make) => make().name);

/** Help of `--strategy`. */
export const STRATEGY_HELP = `How parents and moves are chosen: ${STRATEGIES.join(", ")}, or a file such as ./mine.mjs.`;
/** Help of `--renderer`. */
export const RENDERER_HELP = `How the model sees the notebook: ${RENDERERS.join(", ")}, or a file such as ./mine.mjs.`;
/** Help of `--tool`. */
export const TOOL_HELP =
  "A file with a tool for the model, such as ./mine.mjs. One with the name of a notebook tool replaces it. Repeatable.";
export const DEFAULT_RENDERER = "log-structured";
