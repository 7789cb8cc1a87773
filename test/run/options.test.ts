// Every public function that takes options refuses what it does not know and what is of a wrong kind, by name, at once.
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import { RunError } from "../../src/core/errors.ts";
import type { Runtime } from "../../src/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { numberVerifier, tinyTask } from "../support/tiny-task.ts";

const model = scriptedModel(() => ({ text: "plan" }));
const { signal } = new AbortController();
const runtime = { openKernels: async () => fakeKernels(), verifier: numberVerifier() };
const base = { task: tinyTask, model, dir: "never-made" };

/** What a caller without a compiler may give. */
type Loose = (options: never) => unknown;
const steps = async (given: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of given) return;
};

/** Each function with the name that its errors say, and options that are right. */
const ENTRIES: readonly (readonly [string, Loose, object])[] = [
  ["startRun", (options) => library.startRun(options), base],
  ["openRuntime", (options) => library.openRuntime(tinyTask, options), {}],
  ["openEnvironment", (options) => library.openEnvironment(tinyTask, runtime, options), {}],
  [
    "jupyterKernels",
    (options) => library.jupyterKernels(options),
    { python: { python: "python3" }, workspacesDir: "w" },
  ],
  ["findPython", (options) => library.findPython(options), {}],
  [
    "pythonVerifier",
    (options) => library.pythonVerifier(options),
    { python: "python3", source: tinyTask.verifier, direction: "maximize", timeoutMs: 1, memoryMb: 1 },
  ],
  ["verifyFile", (options) => library.verifyFile(tinyTask, "x.json", options), { signal }],
  ["reExecuteRun", (options) => library.reExecuteRun(null as never, options), { signal }],
  ["recordedRun", (options) => library.recordedRun("nowhere", options), {}],
  ["steerRun", (options) => library.steerRun("nowhere", "words", options), {}],
  ["openRunStore", (options) => library.openRunStore("nowhere", options), { mode: "read" }],
  ["readHistory", (options) => library.readHistory("nowhere", options), {}],
  ["readSteps", (options) => steps(library.readSteps("nowhere", options)), {}],
  ["followHistory", (options) => steps(library.followHistory("nowhere", options)), { signal }],
  ["loadTask", (options) => library.loadTask("nowhere.ipynb", options), {}],
  [
    "defineTask",
    (options) => library.defineTask(options),
    { statement: "s", verifier: "v", founder: "x = 1" },
  ],
  ["openai", (options) => library.openai(options), { model: "m" }],
  ["offline", (options) => library.offline(options), {}],
  ["withRetry", (options) => library.withRetry(model, options), {}],
  ["withBudget", (options) => library.withBudget(model, options), {}],
  ["bandit", (options) => library.bandit([model], options), {}],
  ["ensemble", (options) => library.ensemble([{ model, weight: 1 }], options), {}],
  ["rateLimiter", (options) => library.rateLimiter(options), {}],
  ["checkModel", (options) => library.checkModel(model, options), { signal }],
];

async function refusalOf(call: () => unknown): Promise<string> {
  const error: unknown = await (async () => call())().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({ code: "bad-option" });
  return error instanceof Error ? error.message : "";
}

describe.each(ENTRIES)("%s", (name, call, right) => {
  const give = (options: unknown) => refusalOf(() => call(options as never));

  test.each([["a text"], [null], [7], [[1]], [() => 1]])("refuses %j as its options", async (options) => {
    const message = await give(options);
    expect(message).toContain(`the options of ${name} are `);
    expect(message).toContain("; give an object");
  });

  test("refuses an option that it does not have, and says which it has", async () => {
    expect(await give({ ...right, zzzzzz: 1 })).toMatch(
      new RegExp(`^${name} has no option "zzzzzz"; there are \\w`),
    );
  });
});

const CASES: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    "a misspelt option",
    () => library.startRun({ ...base, proposal: 1 } as never),
    /^startRun has no option "proposal"; did you mean "proposals"\?/,
  ],
  [
    "another one",
    () => library.startRun({ ...base, tool: [] } as never),
    /^startRun has no option "tool"; did you mean "tools"\?/,
  ],
  [
    "no model",
    () => library.startRun({ task: tinyTask } as never),
    /^startRun: model is missing; it must be a language model, such as `offline\(\)`/,
  ],
  [
    "a model that is a name",
    () => library.startRun({ ...base, model: "gpt" } as never),
    /model is "gpt"; it must be a language model/,
  ],
  [
    "tools that are a text",
    () => library.startRun({ ...base, tools: "x" } as never),
    /^startRun: tools is "x"; it must be a list of tools/,
  ],
  [
    "a tool that is null",
    () => library.startRun({ ...base, tools: [null] } as never),
    /tools is \[null\].*its item 1 is null: it is no tool/,
  ],
  [
    "a tool that is none",
    () => library.startRun({ ...base, tools: [{}] } as never),
    /`run` must be a function. A tool is an object with name, description, parameters \(a JSON Schema\) and run; defineTool makes one/,
  ],
  [
    "a renderer that is none",
    () => library.startRun({ ...base, renderer: {} } as never),
    /^startRun: renderer is \{\}; it must be a renderer, .*`open` must be a function/,
  ],
  [
    "a strategy that is none",
    () => library.startRun({ ...base, strategy: {} } as never),
    /^startRun: strategy is \{\}; it must be a strategy, .*`ask` must be a function/,
  ],
  [
    "a task that is none",
    () => library.startRun({ ...base, task: {} } as never),
    /^startRun: task is \{\}; it must be .*`founder` must be an object/,
  ],
  [
    "a signal that is none",
    () => library.startRun({ ...base, signal: {} } as never),
    /signal is \{\}; it must be an AbortSignal/,
  ],
  [
    "a limit that is none",
    () => library.startRun({ ...base, limits: { memory: 1 } } as never),
    /limits is .*it has no "memory"/,
  ],
  [
    "a sandbox that is none",
    () => library.openRuntime(tinyTask, { sandbox: "maybe" as never }),
    /sandbox is "maybe"; it must be one of on, auto, off/,
  ],
  [
    "a harness that is none, of a run",
    () => library.startRun({ ...base, harness: "small" as never }),
    /^startRun: harness is "small"; it must be one of full, lean, auto/,
  ],
  [
    "a harness that is none, of an environment",
    () => library.openEnvironment(tinyTask, runtime, { harness: "auto" as never }),
    /^openEnvironment: harness is "auto"; it must be one of full, lean/,
  ],
  [
    "a task by name",
    () => library.openRuntime("circles" as never),
    /^openRuntime: task is "circles"; it must be a task, such as `await loadTask\(path\)` gives/,
  ],
  [
    "a runtime that is none",
    () => library.openEnvironment(tinyTask, {} as Runtime),
    /^openEnvironment: runtime is \{\}; it must be a runtime/,
  ],
  [
    "a path that is none",
    () => library.loadTask(undefined as never),
    /^loadTask: path is missing; it must be a text/,
  ],
  [
    "a store without a mode",
    () => library.openRunStore("x", {} as never),
    /^openRunStore: mode is missing; it must be one of write, read/,
  ],
  ["members without models", () => library.ensemble([{}] as never), /^ensemble: members is \[\{\}\]/],
];
test.each(CASES)("%s is refused with what is expected", async (_, call, message) => {
  expect(await refusalOf(call)).toMatch(message);
});

test("undefined is an option that is left out", () => {
  const options = { tools: undefined, seesImages: undefined };
  expect(library.openEnvironment(tinyTask, runtime, options).tools.length).toBeGreaterThan(0);
});
