// The notebook's own tools keep the contract; tools of users' own stand beside them, or in their place.
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { openEnvironment } from "../../../src/environment/index.ts";
import { defineTool, toolFailure, toolSuccess } from "../../../src/environment/tools/define-tool.ts";
import { notebookTools, specOf } from "../../../src/environment/tools/index.ts";
import { writeInstructions } from "../../../src/loop/prompt/instructions.ts";
import type { Tool } from "../../../src/contracts/index.ts";
import { describeTool } from "../../../src/testing/conformance/tool.ts";
import { fakeKernels } from "../../../src/testing/fake-kernels.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { tinyRun } from "../../support/tiny-run.ts";
import { readExample } from "../../support/guide-examples.ts";
import { numberVerifier, tinyTask } from "../../support/tiny-task.ts";

const SAMPLES: Readonly<Record<string, unknown>> = {
  cells: { action: "fold", ids: ["c2"] },
  edit_run: { id: "c2", old: "1", new: "2" },
  finish_round: { summary: "done", pin: ["c2"], drop: ["c3"] },
  note: { markdown: "words" },
  read: { id: "c3", what: "output" },
  run: { ids: ["c2", "c3"] },
  run_code: { source: "x = 2" },
  score: {},
};

const own = notebookTools({ submission: "x" });
for (const tool of own) describeTool(() => tool, { arguments: SAMPLES[tool.name] });

describe("the guide's tool", async () => {
  const source = await readExample("tools", "remind.mjs");
  const { default: remind }: { default: Tool } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`
  );
  describeTool(() => remind, { arguments: { word: "x" } });
});

const parameters = z.strictObject({});
/** Ends the round with a word of its own. */
const stop = defineTool({
  name: "stop",
  description: "Stop here.",
  parameters,
  run: () => ({ ...toolSuccess("stopped"), finished: true }),
});
const wrapUp = defineTool({
  name: "wrap_up",
  description: "End the round.",
  parameters,
  closesRound: true,
  instructions: "call wrap_up when you are done",
  run: () => ({ ...toolSuccess("wrapped up"), finished: true }),
});
/** The notebook's own closing tool, closed for good. */
const refusing = defineTool({
  name: "finish_round",
  description: "Refuses.",
  parameters,
  run: () => toolFailure("not this way"),
});

async function begin(tools: readonly Tool[], callsPerRound = 8) {
  const task = { ...tinyTask, limits: { ...tinyTask.limits, callsPerRound } };
  const runtime = { openKernels: async () => fakeKernels(), verifier: numberVerifier() };
  const environment = openEnvironment(task, runtime, { tools });
  await environment.reset();
  const call = (tool: string) => ({ id: tool, tool, arguments: {} });
  const step = async (...names: string[]) => environment.step({ text: "", calls: names.map(call) });
  return { environment, step };
}

describe("tools of users' own", () => {
  test("stand after the notebook's own, or in place of an own one of that name", () => {
    const names = notebookTools(tinyTask, [stop, wrapUp, refusing]).map(({ name }) => name);
    expect(names).toEqual([...own.map(({ name }) => name), "stop", "wrap_up"]);
    expect(notebookTools(tinyTask, [refusing])).toContain(refusing);
  });

  test("a result says that the round is over, whatever the tool is called", async () => {
    const { environment, step } = await begin([stop]);
    const { results } = await step("stop", "score");
    expect(results.map(({ isError }) => isError)).toEqual([false, true]);
    expect(environment.state()).toMatchObject({ finished: true, next: null });
    expect((await environment.close()).score.fitness).toBe(1);
  });

  test("one that closes rounds is what a model is made to call, past the limit of calls too", async () => {
    const { environment, step } = await begin([wrapUp, refusing], 1);
    await step();
    await step("score");
    expect(environment.state().next).toEqual({ tool: "wrap_up" });
    const { results } = await step("score", "wrap_up");
    expect(results[0]?.content).toEqual([
      { type: "text", text: "The limit of 1 calls a round is reached. Call wrap_up." },
    ]);
    expect(environment.state().finished).toBe(true);
  });

  test("without any that closes rounds, the limits end the round", async () => {
    const { environment, step } = await begin([refusing], 1);
    await step();
    await step("finish_round");
    expect(environment.state().next).toBeNull();
    await expect(step("score")).rejects.toThrow("the round is over");
  });

  test("their words are in the instructions, and a model is told which one closes", () => {
    const text = writeInstructions({ submission: "x" }, notebookTools(tinyTask, [wrapUp, refusing]));
    expect(text).toContain("3. Close: call wrap_up when you are done.");
    expect(text).not.toContain("finish_round");
    expect(specOf(wrapUp)).toMatchObject({ name: "wrap_up", closesRound: true });
    expect(specOf(stop).closesRound).toBeUndefined();
  });

  test("code in a fence has one tool to go to; its mark is kept only where there is one", () => {
    const specs = notebookTools(tinyTask, [stop]).map(specOf);
    expect(specs.filter((spec) => "codeParameter" in JSON.parse(JSON.stringify(spec)))).toMatchObject([
      { name: "run_code", codeParameter: "source" },
    ]);
  });

  test("a run plays with them", async () => {
    const model = scriptedModel((request) =>
      request.toolChoice === "none" ? { text: "plan" } : { calls: [{ id: "", tool: "stop", arguments: {} }] },
    );
    const run = await tinyRun(memoryJournal(), { tools: [stop], model, proposals: 2 });
    expect(run.branches.size).toBe(3);
    expect(model.requests).toHaveLength(4);
  });

  test.each<readonly [string, readonly unknown[], RegExp]>([
    ["no tool", [{}], /tool 1 of `tools`: it is no tool: `name` must be a text .*; defineTool makes one/],
    ["a name that providers refuse", [{ ...stop, name: "two words" }], /its name is "two words"/],
    ["code in a parameter that it lacks", [{ ...stop, codeParameter: "source" }], /code goes into "source"/],
    [
      "no description",
      [{ ...stop, description: "" }],
      /tool 1 of `tools`, stop: it is no tool: `description` must be a text that is not empty/,
    ],
    ["two of one name", [stop, stop], /two tools of the name stop/],
  ])("%s is an error at once", (_, tools, message) => {
    // What a user's file exports has no type that anybody checked.
    expect(() => notebookTools(tinyTask, tools as readonly Tool[])).toThrow(message);
  });
});
