// Owns: what `import ... from "nbevolve/testing"` gives: fakes that keep the contracts, for users' own tests.
// The contracts as tests are in "nbevolve/testing/conformance", since those can only be imported under vitest.
export { fakeKernels, type FakeKernels, type FakeKernelsOptions } from "./fake-kernels.ts";
export { memoryJournal, type MemoryJournal } from "./memory-journal.ts";
export { modelServer, type ModelServer, type ModelServerOptions } from "./model-server.ts";
export {
  scriptedModel,
  type ModelScript,
  type ScriptedModel,
  type ScriptedModelOptions,
} from "./scripted-model.ts";
