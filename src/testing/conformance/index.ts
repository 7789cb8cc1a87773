// Owns: what `import ... from "nbevolve/testing/conformance"` gives: the contracts as vitest tests.
export { describeJournal, type MakeJournal } from "./journal.ts";
export { describeKernelPool } from "./kernel-pool.ts";
export { describeLanguageModel } from "./language-model.ts";
export { describeRenderer, sampleNotebook, sampleInput } from "./renderer.ts";
export { describeStrategy, simulate } from "./strategy.ts";
export { describeTool, type ToolSamples } from "./tool.ts";
export { describeVerifier } from "./verifier.ts";
