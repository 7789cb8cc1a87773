// Owns: what `import ... from "nbevolve/testing/conformance"` gives: the contracts as vitest tests.
/**
 * The contracts as tests: they load under vitest alone.
 * @module nbevolve/testing/conformance
 */
export { describeJournal, type MakeJournal } from "./journal.ts";
export { describeKernelPool, type KernelPrograms, type MakeKernelPool } from "./kernel-pool.ts";
export { describeLanguageModel, type MakeModel, type ModelSamples } from "./language-model.ts";
export { describeRenderer, sampleNotebook, sampleInput, type RendererPromises } from "./renderer.ts";
export { describeStrategy, simulate, type Fate, type SimulatedRun } from "./strategy.ts";
export { describeTool, type ToolSamples } from "./tool.ts";
export { describeVerifier, type MakeVerifier, type VerifierSamples } from "./verifier.ts";
