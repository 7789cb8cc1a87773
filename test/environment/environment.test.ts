import { describe, expect, test } from "vitest";
import { KernelLost } from "../../src/core/errors.ts";
import { openEnvironment } from "../../src/environment/index.ts";
import type { Task, Tool, ToolCall, ToolOutcome } from "../../src/contracts/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import { numberVerifier, tinyTask } from "../support/tiny-task.ts";

const signal = new AbortController().signal;
let calls = 0;
const call = (tool: string, args: ToolCall["arguments"] = {}): ToolCall => ({
  id: `k${calls++}`,
  tool,
  arguments: args,
});
const runCode = (source: string): ToolCall => call("run_code", { source });
const said = (outcome: ToolOutcome | undefined): string =>
  (outcome?.content ?? []).map((part) => (part.type === "text" ? part.text : `<${part.mime}>`)).join("\n");

async function begun(limits: Partial<Task["limits"]> = {}, tools: readonly Tool[] = []) {
  const kernels = fakeKernels();
  const task = { ...tinyTask, limits: { ...tinyTask.limits, ...limits } };
  const environment = openEnvironment(
    task,
    { openKernels: async () => kernels, verifier: numberVerifier() },
    { tools },
  );
  const recipe = [{ cell: "c2", source: "x = 1", status: "ok" as const }];
  await environment.reset({ from: { notebook: task.founder, kernel: { recipe } }, signal });
  const step = async (...calls: ToolCall[]): Promise<readonly ToolOutcome[]> =>
    (await environment.step({ text: "", calls }, { signal })).results;
  return { environment, kernels, step };
}

describe("an episode without a model", () => {
  test("code runs, the notebook and the recipe follow, the verifier scores", async () => {
    const { environment, step } = await begun();
    const [ran, scored] = await step(runCode("x = x + 4\nprint(x)"), call("score"));
    expect(said(ran)).toBe("c3 ok 0.0s\n5");
    expect(said(scored)).toBe("score: 5");
    const { notebook, kernel, score } = environment.state();
    expect(notebook.cells.at(-1)).toMatchObject({
      id: "c3",
      source: "x = x + 4\nprint(x)",
      execution_count: 1,
    });
    expect(kernel.recipe.map(({ cell, status }) => [cell, status])).toEqual([
      ["c2", "ok"],
      ["c3", "ok"],
    ]);
    expect(score).toEqual({ valid: true, fitness: 5, metrics: { score: 5 }, message: "" });
    await environment[Symbol.asyncDispose]();
  });

  test("an exception, a time-out and a missing submission are results that the model reads", async () => {
    const { environment, step } = await begun({ cellTimeoutMs: 30 });
    const [raised, hung, reset, scored] = await step(
      runCode("raise ValueError"),
      runCode("hang"),
      runCode('x = "no number"'),
      call("score"),
    );
    expect(said(raised)).toMatch(/^c3 error [\d.]+s\nValueError/);
    expect(said(hung)).toMatch(/^c4 interrupted [\d.]+s \(limit 0.03 s a cell\)/);
    expect([raised?.isError, hung?.isError, reset?.isError]).toEqual([true, true, false]);
    expect(said(scored)).toBe("score: invalid - not a number");
    expect((await environment.score({ signal })).score.valid).toBe(false);
  });

  test("a step that ends otherwise when it is replayed is in the recipe as it ended", async () => {
    const { environment, step } = await begun();
    const recipe = [
      { cell: "c2", source: "raise ValueError", status: "ok" as const },
      { cell: "c3", source: "x = 2", status: "ok" as const },
    ];
    const restored = await environment.reset({ from: { notebook: tinyTask.founder, kernel: { recipe } } });
    expect(restored.differences).toEqual(["c2 raised ValueError when it was run again"]);
    await step(runCode("x = x + 1"));
    const { kernel } = await environment.close();
    expect(kernel.recipe.map(({ status }) => status)).toEqual(["error", "ok", "ok"]);
    await environment[Symbol.asyncDispose]();
  });

  test.each([
    ["an unknown tool", call("shell", {}), /^There is no tool shell\. Tools: run_code, edit_run,/],
    ["missing arguments", call("run_code", {}), /run_code: .*source/s],
    ["arguments that are no object", call("run_code", "x = 1"), /run_code: .*object/s],
    ["an argument too many", call("run_code", { source: "x = 1", cell: 3 }), /cell/],
    ["an unknown cell", call("edit_run", { id: "c9", source: "y = 1" }), /no cell c9/],
    ["a cell of the task's text", call("edit_run", { id: "c1", source: "y = 1" }), /not a code cell/],
    ["a pattern that occurs nowhere", call("edit_run", { id: "c2", old: "y", new: "z" }), /does not occur/],
    ["an impossible pattern", call("read", { id: "c2", grep: "(" }), /not a regular expression/],
  ])("%s is an error that teaches; nothing changes", async (_, wrong, message) => {
    const { environment, step } = await begun();
    const before = environment.state().notebook;
    const [outcome] = await step(wrong);
    expect(outcome?.isError).toBe(true);
    expect(said(outcome)).toMatch(message);
    expect(environment.state().notebook).toBe(before);
  });

  test("a pattern that does not end is given up, and the model hears of it", async () => {
    const { step } = await begun();
    const [, endless, next] = await step(
      runCode(`print("${"a".repeat(40)}!")`),
      call("read", { id: "c3", grep: "(a+)+$" }),
      call("read", { id: "c3", grep: "a!" }),
    );
    expect([endless?.isError, said(endless)]).toEqual([
      true,
      'grep: "(a+)+$" takes too long to match: write a simpler one.',
    ]);
    expect(said(next)).toMatch(/^c3 source: 1 of 1 lines/);
  });

  test("editing a cell marks what depends on it as stale, once, with the reason; run brings it up to date", async () => {
    const { environment, step } = await begun();
    const [, , edited, updated] = await step(
      runCode("y = 2"),
      runCode("x = y + 1"),
      call("edit_run", { id: "c3", old: "2", new: "5" }),
      call("run"),
    );
    expect(said(edited)).toBe("c3 ok 0.0s\nc3 changed -> stale: c4 (uses y)");
    expect(said(updated)).toBe("c4 ok 0.0s");
    expect((await environment.score({ signal })).score.fitness).toBe(6);
  });

  test("read shows lines of source and output; cells are folded, pinned and dropped with reasons", async () => {
    const { environment, step } = await begun();
    const [, seen, dropped, kept, folded] = await step(
      runCode('print("one")\nprint("two")'),
      call("read", { id: "c3", what: "output", grep: "tw" }),
      call("cells", { action: "drop", ids: ["c3"] }),
      call("cells", { action: "drop", ids: ["c2"] }),
      call("cells", { action: "fold", ids: ["c2"] }),
    );
    expect(said(seen)).toBe("c3 output: 1 of 1 lines\n2: two");
    expect(said(dropped)).toBe("dropped: c3");
    expect(said(kept)).toBe("c2 not dropped: needed by submission (x)");
    expect(said(folded)).toBe("fold: c2");
    expect(environment.state().kernel.recipe.map(({ cell }) => cell)).toEqual(["c2"]);
  });

  test("finish_round closes the round; later calls are not done", async () => {
    const { environment, step } = await begun();
    const [, closed, late] = await step(
      runCode("z = 3"),
      call("finish_round", { summary: "z is 3", drop: ["c3", "c2"], pin: ["c77"] }),
      runCode("z = 4"),
    );
    expect(said(closed)).toBe("round closed\nc2 not dropped: needed by submission (x)\nno such cells: c77");
    expect(said(late)).toBe("The round is closed; this was not done.");
    expect(environment.state().finished).toBe(true);
    expect(environment.state().notebook.cells.map(({ id }) => id)).toEqual(["c1", "c2", "c4"]);
    expect(environment.state().next).toBeNull();
    await environment.close();
    expect(environment.state()).toMatchObject({
      round: 2,
      calls: 0,
      finished: false,
      score: null,
      next: "none",
    });
  });

  test("more calls than a round may have are refused, closing is not", async () => {
    const { step } = await begun({ callsPerRound: 1 });
    const [, refused, closed] = await step(
      runCode("y = 1"),
      runCode("y = 2"),
      call("finish_round", { summary: "done" }),
    );
    expect(said(refused)).toBe("The limit of 1 calls a round is reached. Call finish_round.");
    expect(said(closed)).toBe("round closed");
  });
});

describe("a kernel that is lost", () => {
  test("in a cell: the state before it is restored and the model is told", async () => {
    const { environment, step, kernels } = await begun();
    const [, died, after] = await step(runCode("x = 7"), runCode("die"), runCode("x = x + 1"));
    expect(died?.isError).toBe(true);
    expect(said(died)).toMatch(
      /c4 died .*The kernel was restarted and its state restored \(replay, 2 cells\)\. Without effect now: c4\.$/s,
    );
    expect(said(after)).toBe("c5 ok 0.0s");
    expect((await environment.score({ signal })).score.fitness).toBe(8);
    expect(kernels.leases.map(({ disposed }) => disposed)).toEqual([true, false]);
  });

  test("between two calls: it is restored and the call is made", async () => {
    const { environment, step, kernels } = await begun();
    await step(runCode("x = 7"));
    kernels.kill(0);
    const [ran] = await step(runCode("x = x + 1"));
    expect(said(ran)).toBe("c4 ok 0.0s");
    kernels.kill(1);
    expect((await environment.score({ signal })).score.fitness).toBe(8);
  });

  test("too often: the episode is given up", async () => {
    const { step } = await begun();
    await expect(step(runCode("die"), runCode("die"), runCode("die"))).rejects.toThrow(KernelLost);
  });
});

test("turns on record are taken over without running anything", async () => {
  const first = await begun();
  const results = await first.step(runCode("x = 9"), call("score"));
  const { notebook, kernel, calls: made } = first.environment.state();
  const second = await begun();
  const start = {
    notebook: tinyTask.founder,
    kernel: { recipe: [{ cell: "c2", source: "x = 1", status: "ok" as const }] },
  };
  await second.environment.reset({ from: start, played: [{ edits: [], results }] });
  expect(second.environment.state()).toMatchObject({ notebook, kernel, calls: made, score: { fitness: 9 } });
  expect(second.kernels.leases.at(-1)?.executed).toEqual([]);
  expect((await second.environment.score({ signal })).submission).toBe(9);
});
