// Owns: what `import ... from "nbevolve/testing"` gives: fakes that keep the contracts, for users' own tests.
// The contracts as tests are in "nbevolve/testing/conformance", since those can only be imported under vitest.
/**
 * Fakes that keep the contracts, for tests of your own.
 * @module nbevolve/testing
 */
export {
  fakeKernels,
  type FakeExecution,
  type FakeKernels,
  type FakeKernelsOptions,
  type FakeLeaseRecord,
} from "./fake-kernels.ts";
export type { FakeNames } from "./fake-language.ts";
export { memoryJournal, type MemoryJournal } from "./memory-journal.ts";
export {
  modelServer,
  type Behaviour,
  type BehaviourScript,
  type ModelServer,
  type ModelServerOptions,
  type ReplyBreak,
  type SeenRequest,
  type ServedCall,
  type ServedReply,
  type StreamShape,
} from "./model-server.ts";
export {
  scriptedModel,
  type ModelScript,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedTurn,
} from "./scripted-model.ts";
