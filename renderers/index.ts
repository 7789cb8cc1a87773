export { foldedView, openView } from "./parts/cell-view.ts";
export type { ContextLog } from "./parts/context-log.ts";
export { firstThatFits } from "./parts/fit.ts";
export { logStructured, type LogStructuredOptions } from "./log-structured.ts";
export { plain } from "./plain.ts";
export { positional, type PositionalOptions } from "./positional.ts";
export { transcriptRenderer, type Transcript } from "./parts/transcript.ts";
