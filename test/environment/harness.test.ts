// What each harness asks of a model, and what it does for it.
import { describe, expect, test } from "vitest";
import { openEnvironment } from "../../src/environment/index.ts";
import { notebookTools } from "../../src/environment/tools/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import type { Harness, Task, ToolCall, TurnRecord } from "../../src/contracts/index.ts";
import { numberVerifier, tinyTask } from "../support/tiny-task.ts";

async function begin(harness: Harness, limits: Partial<Task["limits"]> = {}) {
  const task = { ...tinyTask, limits: { ...tinyTask.limits, ...limits } };
  const verifier = numberVerifier();
  const runtime = { openKernels: async () => fakeKernels(), verifier };
  const environment = openEnvironment(task, runtime, { harness });
  await environment.reset();
  const judgedBefore = verifier.judged.length;
  const step = async (...calls: Omit<ToolCall, "id">[]) =>
    environment.step({ text: "Some words.", calls: calls.map((call, at) => ({ ...call, id: `k${at}` })) });
  return { environment, step, judged: () => verifier.judged.length - judgedBefore };
}

const code = (source: string) => ({ tool: "run_code", arguments: { source } });
const said = ({ results }: TurnRecord): string =>
  results.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).join("\n");

describe("the lean harness", () => {
  test("has three tools, in the order of use, and the user's own after them", () => {
    const names = notebookTools(tinyTask, [], "lean").map(({ name }) => name);
    expect(names).toEqual(["run_code", "edit_run", "finish_round"]);
  });

  test("begins with an act; the words beside it are the plan", async () => {
    const { environment, step } = await begin("lean");
    expect(environment.state().next).toBe("auto");
    const record = await step(code("x = 2"));
    expect(record.edits).toMatchObject([{ type: "cell-added", cell: { source: "Some words." } }]);
    expect(record.told).toBeUndefined();
  });

  test("judges once a turn that ran a cell, and says the score with the result", async () => {
    const { step, judged } = await begin("lean");
    expect(said(await step(code("x = 2"), code("x = 3")))).toMatch(
      /c4 ok[^]*c5 ok[^]*score: 3\nBetter than 1, the best before\.\nFind a better `x`\.$/,
    );
    expect(judged()).toBe(1);
    expect(said(await step(code("x = 5")))).toContain("score: 5\nBetter than 3, the best before.");
    await step();
    expect(judged()).toBe(2);
  });

  test.each([
    ["y = 7", "The cell did not set `x`: end with `x = ...`, set to what was found."],
    ["x = 1", "Find a better `x`."],
    ["x = x + 0", "Find a better `x`."],
    ["x = 2", "Find a better `x`."],
    ["z = missing", "Find a better `x`."],
  ])("says that a cell forgot the submission, and only then: %s", async (source, ask) => {
    const { step } = await begin("lean");
    expect(
      said(await step(code(source)))
        .split("\n")
        .at(-1),
    ).toBe(ask);
  });

  test("carries out code in its fence and as lines, and tells what was mended", async () => {
    const { step } = await begin("lean");
    const fenced = await step(code("```python\nx = 2\n```"));
    expect(fenced.results[0]).toMatchObject({ isError: false, mended: expect.stringMatching(/code fence/) });
    expect(said(fenced)).toContain(
      "`source` was in a code fence: what is in it was taken. Give the code alone.",
    );
    const lines = await step({ tool: "run_code", arguments: { source: ["y = 3\n", "x = 3"] } });
    expect(lines.results[0]).toMatchObject({
      isError: false,
      mended: expect.stringMatching(/list of lines/),
    });
    expect((await step(code("x = 4"))).results[0]?.mended).toBeUndefined();
  });

  test("closes a round at its limits without asking for a call", async () => {
    const { environment, step } = await begin("lean", { callsPerRound: 2 });
    await step(code("x = 2"), code("x = 3"));
    expect(environment.state().next).toBeNull();
    expect((await environment.close()).score.fitness).toBe(3);
  });
});

describe("a model that does nothing", () => {
  test.each<[Harness, unknown[]]>([
    ["full", ["none", "auto", "auto", { tool: "finish_round" }, null]],
    ["lean", ["auto", "auto", "auto", null]],
  ])("%s: is told why, and is not asked for ever", async (harness, choices) => {
    const { environment, step } = await begin(harness);
    const seen: unknown[] = [environment.state().next];
    while (environment.state().next !== null) {
      const { told } = await step();
      expect(told).toMatch(/^(Now carry out the plan|Nothing was run: your reply holds words alone)/);
      seen.push(environment.state().next);
    }
    expect(seen).toEqual(choices);
  });

  test("is told what its reply was taken for", async () => {
    const { environment } = await begin("lean");
    const unread = "the call of frobnicate names no tool.";
    const { told } = await environment.step({ text: "", calls: [], unread });
    expect(told).toBe(`Nothing was run: ${unread}`);
    const cut = await environment.step({ text: "", calls: [], stop: "length" });
    expect(cut.told).toContain("output limit");
  });
});

test.each<Harness>(["full", "lean"])(
  "%s: a failure that is repeated is named, then ends the round",
  async (harness) => {
    const { environment, step } = await begin(harness);
    if (harness === "full") await step();
    const told: unknown[] = [];
    while (environment.state().next !== null) told.push((await step(code("raise ValueError"))).told);
    expect(told).toEqual([
      harness === "full" ? undefined : expect.stringMatching(/^The last turn gained nothing/),
      expect.stringContaining("repeats what came to nothing before"),
      expect.anything(),
    ]);
  },
);

describe("a lean round that only makes things worse", () => {
  test.each([
    ["worse", "x = -5"],
    ["invalid", 'x = "none"'],
  ])("%s: goes back to its beginning", async (_, source) => {
    const { environment, step } = await begin("lean");
    const before = environment.state();
    await step(code(source));
    const closed = await environment.close();
    expect(closed.score.fitness).toBe(1);
    expect(closed.kernel).toEqual(before.kernel);
    expect(closed.notebook.cells.at(-1)?.source).toMatch(
      /^Tried in this round, and taken back: c4: score: .*\.$/,
    );
    await step(code("x = 0"));
    expect((await environment.close()).score.fitness).toBe(1);
  });
});
