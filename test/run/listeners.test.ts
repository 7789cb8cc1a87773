// Functions that a caller has called with a run's events: what they get, what they do not, and what becomes of their errors.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunError } from "../../src/core/errors.ts";
import { readSteps, type HistoryStep } from "../../src/history/index.ts";
import { listenerDesk } from "../../src/run/listeners.ts";
import { startRun } from "../../src/run/start-run.ts";
import type { Branch } from "../../src/contracts/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { numbersModel } from "../support/numbers-model.ts";
import { numbersTask } from "../support/numbers-task.ts";
import { testSandbox } from "../support/sandbox.ts";
import { tinyRun } from "../support/tiny-run.ts";

async function stepsOf(seed: number): Promise<readonly HistoryStep[]> {
  const journal = memoryJournal();
  await tinyRun(journal, { seed, proposals: 6, reproduce: "all" });
  const steps: HistoryStep[] = [];
  for await (const step of readSteps(journal)) steps.push(step);
  return steps;
}

test("a listener gets the events of its name from where it was added to where it was taken away, and each new best", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(), fc.nat(), async (seed, a, b, c) => {
      const steps = await stepsOf(seed);
      const [past = 0, from = 0, to = 0] = [a, b, c].map((n) => n % steps.length).toSorted((x, y) => x - y);
      const desk = listenerDesk("run", () => expect.unreachable());
      const ends: number[] = [];
      const bests: string[] = [];
      let stop: readonly (() => void)[] = [];
      let best: Branch | null = null;
      for (const { seq, event, history } of steps) {
        best = history.best;
        if (seq === from)
          stop = [
            desk.on("episode-ended", ({ seq: place, proposal, outcome }) => {
              expect(proposal).toBe(outcome.proposal.id);
              ends.push(place);
            }),
            desk.on("best", ({ branch, score, fitness }) => {
              expect([branch, score, fitness]).toEqual([best?.id, fitness, score]);
              bests.push(branch);
            }),
          ];
        if (seq === to) for (const end of stop) end();
        desk.see(history, event, seq < past);
      }
      const live = steps.slice(from, to);
      expect(ends).toEqual(live.flatMap(({ seq, event }) => (event.type === "episode-ended" ? [seq] : [])));
      const changes = live.filter(({ seq, history }) => history.best.id !== steps[seq - 1]?.history.best.id);
      expect(bests).toEqual(changes.map(({ history }) => history.best.id));
    }),
    { numRuns: 12 },
  );
});

test.each([
  [
    "threw",
    () => {
      throw new TypeError("no such chart");
    },
  ],
  ["rejected", () => Promise.reject(new TypeError("no such chart"))],
])("one that %s is named, once, and none is called again", async (_, listener) => {
  const failures: RunError[] = [];
  const desk = listenerDesk("run", (error) => failures.push(error));
  let calls = 0;
  desk.on("run-started", listener);
  desk.on("proposal-told", () => (calls += 1));
  for (const { event, history } of await stepsOf(1)) {
    desk.see(history, event, false);
    await setImmediate(); // a rejection is told in a turn of its own
  }
  expect(failures).toMatchObject([
    {
      code: "listener-failed",
      message: expect.stringMatching(
        /^the listener "run-started" threw: no such chart \(.*listeners\.test\.ts:\d+:\d+\)\. Mend the listener\.$/,
      ),
    },
  ]);
  expect(calls).toBe(0);
});

test("a name that no event has, and what is no function, are refused", () => {
  const desk = listenerDesk("run", () => expect.unreachable());
  const on: (name: never, listener: never) => unknown = desk.on;
  expect(() => on("episode_ended" as never, (() => 1) as never)).toThrow(
    'run.on: there is no event "episode_ended"; did you mean "episode-ended"?',
  );
  expect(() => on("toString" as never, (() => 1) as never)).toThrow(/there are best, run-started, /);
  expect(() => on("best" as never, 1 as never)).toThrow("run.on: listener is 1; it must be a function");
});

describe("a run on real kernels", () => {
  let root = "";
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "nbevolve-on-"));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const options = (dir: string, proposals: number) => ({
    ...{
      task: numbersTask(),
      model: numbersModel(),
      sandbox: testSandbox,
      seed: 3,
      order: "as-proposed" as const,
    },
    ...{ dir: join(root, dir), proposals },
  });

  test("tells each new best, whose notebook and submission are there; a resumed one tells what is new", async () => {
    const told: unknown[] = [];
    const run = startRun(options("told", 2));
    expect(run.best).toBeNull();
    run.on("best", async (best) => {
      expect(run.best).toEqual(best);
      told.push([best.branch, (await best.notebook()).nbformat, await best.submission()]);
    });
    const { best } = await run.done;
    expect(told.length).toBeGreaterThan(1);
    expect(told[0]).toEqual(["b0", 4, expect.any(Array)]);
    expect(told.at(-1)).toEqual([best?.branch, 4, await best?.submission()]);
    const again = startRun(options("told", 3));
    const types: string[] = [];
    again.on("run-started", ({ type }) => types.push(type));
    again.on("proposal-made", ({ type }) => types.push(type));
    again.on("best", ({ branch }) => types.push(branch));
    const after = await again.done;
    const isBetter = after.best?.branch === "b3";
    expect(types).toEqual(["proposal-made", ...(isBetter ? ["b3"] : [])]);
  });

  test("is interrupted by a listener that throws, even on its last event, says which, and goes on", async () => {
    const first = startRun(options("thrown", 2));
    first.on("round-ended", () => {
      throw new Error("the chart is gone");
    });
    await expect(first.done).rejects.toMatchObject({
      code: "listener-failed",
      message: expect.stringMatching(
        /^the listener "round-ended" threw: the chart is gone \(.*listeners\.test\.ts:\d+:\d+\)\. Mend the listener\. The run is kept; go on with: startRun\({ dir: ".*thrown", \.\.\. }\)$/,
      ),
    });
    const second = startRun(options("thrown", 2));
    second.on("run-stopped", () => Promise.reject(new Error("too late")));
    await expect(second.done).rejects.toThrow('the listener "run-stopped" threw: too late');
    expect(await startRun(options("thrown", 2)).done).toMatchObject({ episodes: 2, stopped: "budget" });
  });
});
