export { foldedView, openView } from "./cell-view.ts";
export type { ContextLog } from "./context-log.ts";
export { firstThatFits } from "./fit.ts";
export { logStructured, type LogStructuredOptions } from "./log-structured.ts";
export { plain } from "./plain.ts";
export { positional, type PositionalOptions } from "./positional.ts";
export { transcriptRenderer, type Transcript } from "./transcript.ts";
