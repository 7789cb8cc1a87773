// Owns: what `import ... from "nbevolve/renderers"` gives: the shipped renderers, and all that they are made of.
/**
 * The renderers that ship, and what they are made of.
 * @module nbevolve/renderers
 */
export { logStructured, type LogStructuredOptions } from "./log-structured.ts";
export { plain } from "./plain.ts";
export { positional, type PositionalOptions } from "./positional.ts";

export {
  kernelStateLine,
  openCellIds,
  viewFoldedCell,
  viewOpenCell,
  viewSnapshotCell,
  type OpenLimits,
  type StatementInput,
} from "./parts/cell-view.ts";
export {
  appendMessages,
  countMessageTokens,
  countPromptTokens,
  promptOf,
  type ContextLog,
  type TokenCounts,
  type Unfrozen,
} from "./parts/context-log.ts";
export { firstThatFits } from "./parts/fit.ts";
export { foldLog, viewWhole, type FoldOptions } from "./parts/fold.ts";
export { besideKernelNames, kernelNamesLine } from "./parts/kernel-line.ts";
export { changedCells, describeChanges, noteChanges } from "./parts/told-cells.ts";
export { transcriptRenderer, type Transcript } from "./parts/transcript.ts";
export { approximateTokens } from "../src/core/approximate-tokens.ts";
export { textMessage, turnMessages } from "../src/core/conversation.ts";
export { DEFAULT_PRICING, FOLD_BOUNDS, foldThreshold, type FoldBounds } from "../src/core/fold-price.ts";
export { digestOf } from "../src/core/notebook/cell-digest.ts";
export { findCell, isCode, markOf } from "../src/core/notebook/notebook.ts";
export type { OutputImage } from "../src/core/output/pictures.ts";
export { viewOutputs, type OutputView, type ViewLimits } from "../src/core/output/view-outputs.ts";
export { viewSource } from "../src/core/output/view-source.ts";
