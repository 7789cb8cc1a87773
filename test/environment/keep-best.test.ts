// A round's best judged state is the round's, whatever is done after it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openEnvironment } from "../../src/environment/index.ts";
import { fakeKernels } from "../../src/testing/fake-kernels.ts";
import type { Harness, ToolCall, Verifier } from "../../src/contracts/index.ts";
import { numberVerifier, tinyTask } from "../support/tiny-task.ts";

async function begin(harness: Harness = "full", verifier: Verifier = numberVerifier()) {
  const limits = { ...tinyTask.limits, turnsPerRound: 40, callsPerRound: 80 };
  const kernels = fakeKernels();
  const task = { ...tinyTask, limits };
  const runtime = { openKernels: async () => kernels, verifier };
  const environment = openEnvironment(task, runtime, { harness });
  await environment.reset();
  const step = async (...calls: Omit<ToolCall, "id">[]) =>
    environment.step({ text: "", calls: calls.map((call, at) => ({ ...call, id: `k${at}` })) });
  return { environment, step, kernels };
}

const code = (source: string) => ({ tool: "run_code", arguments: { source } });
const score = { tool: "score", arguments: {} };
const finish = { tool: "finish_round", arguments: { summary: "Went to 9, then to 1." } };

describe("a round whose end is worse than what it had", () => {
  test.each([
    ["worse", "x = -1", "score: -1"],
    ["invalid", 'x = "none"', "invalid"],
  ])("%s: keeps the best state, its words, and says what was left out", async (_, last, ended) => {
    const { environment, step, kernels } = await begin();
    await step(code("x = 9"), score);
    await step(code(last), code("y = 2"));
    await step(finish);
    const { score: kept, submission, notebook, kernel } = await environment.close();
    expect(kept).toMatchObject({ valid: true, fitness: 9 });
    expect(submission).toBe(9);
    const sources = notebook.cells.map(({ source }) => source);
    expect(sources).not.toContain(last);
    expect(sources).toContain("Went to 9, then to 1.");
    const words = sources.at(-1);
    expect(words).toContain(ended);
    expect(words).toContain("Its best state was kept: score: 9. Left out again: c4, c5.");
    expect(kernel.recipe.map(({ source }) => source)).toEqual(["x = 1", "x = 9"]);
    expect(kernels.leases.at(-1)?.from).toEqual(kernel);
  });

  test("gives no later cell the id of one that was left out", async () => {
    const { environment, step } = await begin();
    await step(code("x = 9"), score);
    await step(code("x = 1"));
    const { notebook } = await environment.close();
    expect(notebook.cells.map(({ id }) => id)).toEqual(["c1", "c2", "c3", "c5"]);
    await step(code("x = x + 1"));
    expect(environment.state().notebook.cells.at(-1)?.id).toBe("c6");
    expect((await environment.close()).score.fitness).toBe(10);
  });

  test("a worse verdict is told before the round closes", async () => {
    const { environment, step } = await begin("lean");
    await step(code("x = 9"));
    const { results } = await step(code("x = 1"));
    expect(JSON.stringify(results)).toContain("Worse than 9, the best before: that one counts.");
    expect(environment.state().best?.score.fitness).toBe(9);
  });
});

describe("a lean round after a turn without a gain", () => {
  const begun = async (source: string, remark = "") => {
    const numbers = numberVerifier();
    const verifier: Verifier = {
      ...numbers,
      verify: async (...asked) => {
        const score = await numbers.verify(...asked);
        return score.valid ? score : { ...score, message: `not a number${remark}` };
      },
    };
    const { environment, step } = await begin("lean", verifier);
    await step(code(source));
    const { notebook, tried } = environment.state();
    return { keeps: notebook.cells.some((cell) => cell.source === source), tried: tried.join("\n") };
  };

  test("goes back after a failure, and says what to do about it", async () => {
    expect(await begun("x = np")).toEqual({
      keeps: false,
      tried: "c3: NameError: name 'np' is not defined (begin the cell with `import numpy as np`)",
    });
  });

  test("goes on after a cell that forgot the submission, also when an earlier one had failed", async () => {
    const { environment, step } = await begin("lean");
    await step(code("x = np"));
    const { results } = await step(code("y = 7"));
    expect(JSON.stringify(results)).toContain("The cell did not set `x`");
    const sources = () => environment.state().notebook.cells.map(({ source }) => source);
    expect(sources()).toContain("y = 7");
    expect(environment.state().tried.at(-1)).toMatch(/^c\d+: it set nothing that is judged$/);
    await step(code("x = y"));
    expect(environment.state().best?.score.fitness).toBe(7);
    expect(sources()).toEqual(expect.arrayContaining(["y = 7", "x = y"]));
  });

  test("goes back after a verdict that rejects", async () => {
    expect(await begun('x = "none"')).toMatchObject({ keeps: false });
  });

  test("goes on from a submission that is only to be made a list of", async () => {
    const remark = "; the submission is an array of shape (4,): `.tolist()` makes a list of it";
    expect(await begun('x = "none"', remark)).toMatchObject({ keeps: true });
  });
});

test("whatever is tried, a closed round has the best verdict of its turns, and the next one starts there", async () => {
  const value = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant('"none"'));
  const harness = fc.constantFrom<Harness>("full", "lean");
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 8 }), harness, async (values, name) => {
      const { environment, step } = await begin(name);
      const seen: number[] = name === "lean" ? [1] : []; // where it begins counts as well
      for (const one of values) {
        if (environment.state().next === null) break; // three times the same in vain
        const calls = [code(`x = ${one}`), ...(name === "full" ? [score] : [])];
        const { results } = await step(...calls);
        const verdict = results.at(-1)?.score;
        if (verdict?.valid === true) seen.push(verdict.fitness);
      }
      const closed = await environment.close();
      expect(closed.score.fitness).toBe(seen.length === 0 ? null : Math.max(...seen));
      expect(environment.state().kernel).toEqual(closed.kernel);
      expect((await environment.score()).score).toEqual(closed.score);
    }),
  );
});
