import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunError } from "../../src/core/errors.ts";
import { judgeBest } from "../../src/run/checks/verdicts.ts";
import { startRun } from "../../src/run/start-run.ts";
import { note } from "../../src/environment/tools/note.ts";
import { runCode } from "../../src/environment/tools/run-code.ts";
import type { StreamEvent } from "../../src/run/event-stream.ts";
import type { Tool } from "../../src/contracts/index.ts";
import { tournament } from "../../strategies/index.ts";
import { numbersModel } from "../support/numbers-model.ts";
import { numbersTask } from "../support/numbers-task.ts";
import { testSandbox } from "../support/sandbox.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-run-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const base = {
  task: numbersTask(),
  sandbox: testSandbox,
  seed: 3,
  order: "as-proposed",
  parallel: 2,
} as const;
const collect = async (events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> => {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};

describe("startRun on real kernels", () => {
  test("evolves, streams every event, and leaves a directory that people and programs can read", async () => {
    const run = startRun({ ...base, model: numbersModel(), dir: join(root, "whole"), proposals: 4 });
    const [events, again, result] = await Promise.all([
      collect(run.events()),
      collect(run.events()),
      run.done,
    ]);
    expect(events[0]?.type).toBe("run-started");
    expect(events.at(-1)).toEqual({ type: "run-stopped", reason: "budget", seq: events.length - 1 });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    expect(again).toEqual(events);
    expect(result).toMatchObject({ proposals: 4, episodes: 4, failures: 0, stopped: "budget" });
    expect(result.usage).toEqual({
      ...{ inputTokens: 1200, cachedTokens: 600, outputTokens: 120 },
      costUsd: expect.closeTo(0.012, 10),
    });
    expect(result.best?.fitness).toBeGreaterThan(0.3);
    expect(run.best).toEqual(result.best);
    const branches = await readdir(join(root, "whole", "branches"));
    expect(branches.toSorted()).toEqual(["b0.ipynb", "b1.ipynb", "b2.ipynb", "b3.ipynb", "b4.ipynb"]);
    const best = JSON.parse(await readFile(join(root, "whole", "best.ipynb"), "utf8"));
    expect(best.metadata.nbevolve).toMatchObject({
      branch: result.best?.branch,
      score: { fitness: result.best?.fitness },
    });
    const verdicts = await judgeBest(join(root, "whole"), base);
    expect(verdicts.verdict.fitness).toBe(result.best?.fitness);
    expect(verdicts.holdout?.fitness).toBe(result.best?.metrics["sum"]);
  });

  test("stopped in the middle and resumed, it ends as it would have", async () => {
    const dir = join(root, "stopped");
    const first = startRun({ ...base, model: numbersModel(), dir, proposals: 4 });
    for await (const event of first.events()) if (event.type === "proposal-told") break;
    const early = await first.stop();
    expect(early.stopped).toBeNull();
    expect(early.episodes).toBeGreaterThanOrEqual(1);
    const second = startRun({ ...base, model: numbersModel(), dir, proposals: 4 });
    expect(second.budgetSeconds).toBe(0);
    const events = await collect(second.events());
    const result = await second.done;
    expect(second.budgetSeconds).toBeGreaterThan(0);
    expect(second.budgetSeconds).toBeLessThan(result.seconds);
    expect([first.before, second.before?.ended.size]).toEqual([null, early.episodes]);
    expect(events.slice(second.before?.events).map(({ type }) => type)).not.toContain("run-started");
    const whole = startRun({ ...base, model: numbersModel(), dir: join(root, "other"), proposals: 4 });
    const expected = await whole.done;
    expect({ ...result.best, path: "" }).toEqual({ ...expected.best, path: "" });
    expect(result.usage).toEqual(expected.usage);
    expect(events.filter(({ type }) => type === "run-started")).toHaveLength(1);
  });

  test("a run may not be resumed as another one", async () => {
    const dir = join(root, "fixed");
    await startRun({ ...base, model: numbersModel(), dir, proposals: 1 }).done;
    const wrong = [
      [{ seed: 4 }, /seed 3, not 4/],
      [{ strategy: tournament({ size: 5 }) }, /strategy .*"size":3.*, not .*"size":5/],
      [
        { task: { ...numbersTask(), name: "other" }, order: "as-finished" },
        /holds a run with the task "numbers", not "other"/,
      ],
      [{ order: "as-finished" }, /order "as-proposed", not "as-finished"/],
      [
        { task: { ...numbersTask(), statement: "Another." } },
        /with an earlier version of the task "numbers", not the one given now/,
      ],
    ] as const;
    for (const [options, message] of wrong) {
      const error: unknown = await startRun({ ...base, model: numbersModel(), dir, ...options }).done.catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(RunError);
      expect(error).toMatchObject({ code: "bad-option", message: expect.stringMatching(message) });
    }
  });

  test("a tool that throws in the middle stops the run, which is kept and goes on with a mended one", async () => {
    const dir = join(root, "tool");
    const tool = (act: () => void): Tool => ({
      ...runCode,
      async run(args, context) {
        act();
        return runCode.run(args, context);
      },
    });
    const broken = tool(() => {
      throw new Error("no disk");
    });
    const options = { ...base, model: numbersModel(), dir, proposals: 2 };
    await expect(startRun({ ...options, tools: [broken] }).done).rejects.toMatchObject({
      code: "tool-failed",
      message: expect.stringMatching(
        /^the tool "run_code" threw: no disk \(.*start-run\.test\.ts:\d+:\d+\)\. Mend the tool\. The run is kept; go on with: startRun\({ dir: ".*tool", \.\.\. }\)$/,
      ),
    });
    expect(await startRun({ ...options, tools: [tool(() => undefined)] }).done).toMatchObject({
      episodes: 2,
    });
    await expect(startRun({ ...options, tools: [] }).done).rejects.toThrow(
      /was started with the tool run_code: give it again in `tools`/,
    );
    await expect(startRun({ ...options, tools: [note, tool(() => undefined)] }).done).rejects.toThrow(
      /was started without the tool note: leave it out of `tools`/,
    );
  });

  test("a part that throws before the founder is scored leaves nothing, and the error says so", async () => {
    const dir = join(root, "none");
    const strategy = {
      ...tournament(),
      start() {
        throw new Error("no start");
      },
    };
    await expect(startRun({ ...base, model: numbersModel(), dir, strategy }).done).rejects.toMatchObject({
      code: "strategy-failed",
      message: expect.stringMatching(
        /threw in start\(\): no start .*it had not begun, and nothing of it is kept\.$/,
      ),
    });
    expect(await readdir(root)).not.toContain("none");
  });

  test("a second writer is refused while the first goes on", async () => {
    const dir = join(root, "locked");
    const first = startRun({ ...base, model: numbersModel(), dir, proposals: 2 });
    for await (const event of first.events()) if (event.type === "run-started") break;
    await expect(startRun({ ...base, model: numbersModel(), dir, proposals: 2 }).done).rejects.toMatchObject({
      code: "run-locked",
    });
    expect((await first.done).episodes).toBe(2);
  });

  test("a founder that does not score is refused before the first proposal, naming why", async () => {
    const task = numbersTask();
    const cells = task.founder.cells.map((cell) =>
      cell.source.startsWith("submission") ? { ...cell, source: "submission = [1, 1]" } : cell,
    );
    const outside = startRun({
      ...base,
      task: { ...task, founder: { ...task.founder, cells } },
      model: numbersModel(),
      dir: join(root, "bad"),
    });
    await expect(outside.done).rejects.toMatchObject({
      code: "founder-rejected",
      message: expect.stringMatching(
        /task "numbers": the verifier rejects the first solution: .*outside the circle by 1/,
      ),
    });
    expect(await collect(outside.events())).toEqual([]);
  });

  test.each([
    [{ proposals: 0 }, /proposals is 0/],
    [{ parallel: 1.5 }, /parallel is 1\.5/],
    [{ seed: -1 }, /seed is -1/],
    [{ order: "random" as never }, /order is "random"/],
  ])("a wrong option is named: %j", async (options, message) => {
    await expect(
      startRun({ ...base, model: numbersModel(), dir: join(root, "opt"), ...options }).done,
    ).rejects.toMatchObject({
      code: "bad-option",
      message: expect.stringMatching(message),
    });
  });
});
