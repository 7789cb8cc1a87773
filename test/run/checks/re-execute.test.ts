// The recorded replies on fresh kernels: the same where cells are deterministic, else the first place that is not.
import { describe, expect, test } from "vitest";
import { reExecute, type ReExecuteParts } from "../../../src/run/checks/re-execute.ts";
import type { KernelPool, RunEvent, Strategy } from "../../../src/contracts/index.ts";
import { fakeKernels } from "../../../src/testing/fake-kernels.ts";
import { memoryJournal, type MemoryJournal } from "../../../src/testing/memory-journal.ts";
import {
  adaptive,
  islands,
  mapElites,
  successiveHalving,
  tournament,
  treeSearch,
} from "../../../strategies/index.ts";
import { tinyRun } from "../../support/tiny-run.ts";
import { numberVerifier, tinyTask } from "../../support/tiny-task.ts";

function again(journal: MemoryJournal, changes: Partial<ReExecuteParts> = {}) {
  const signal = new AbortController().signal;
  return reExecute({
    journal,
    task: tinyTask,
    kernels: fakeKernels(),
    verifier: numberVerifier(),
    signal,
    ...changes,
  });
}

/** Kernels on which the cell of this source comes out otherwise from the given execution on. */
function drifting(isIt: (source: string) => boolean): KernelPool {
  const kernels = fakeKernels();
  return {
    [Symbol.asyncDispose]: () => kernels[Symbol.asyncDispose](),
    async lease(from, options) {
      const lease = await kernels.lease(from, options);
      const execute: typeof lease.execute = async (source, limits) => {
        const done = await lease.execute(source, limits);
        const text = "17:32:05";
        return isIt(source)
          ? { ...done, outputs: [...done.outputs, { output_type: "stream", name: "stdout", text }] }
          : done;
      };
      return {
        restored: lease.restored,
        execute,
        evaluate: lease.evaluate.bind(lease),
        checkpoint: lease.checkpoint.bind(lease),
        [Symbol.asyncDispose]: lease[Symbol.asyncDispose].bind(lease),
      };
    },
  };
}

const scores = (events: readonly RunEvent[]): number =>
  events.filter(({ type }) => type === "round-ended").length;

describe("playing recorded replies again", () => {
  test.each<readonly [string, () => Strategy]>([
    ["crossovers", () => tournament({ crossover: 0.6 })],
    ["repairs", () => treeSearch({ drafts: 2 })],
    ["several rounds", () => successiveHalving({ eta: 2 })],
    [
      "all at once",
      () => adaptive({ of: [islands({ of: mapElites(), count: 2, interval: 3 }), treeSearch()] }),
    ],
  ])("nothing differs: %s, under a budget that closed a round early", async (_, make) => {
    const journal = memoryJournal();
    const budget = { proposals: 10, targetFitness: null, cells: 12 };
    const run = await tinyRun(journal, { strategy: make(), order: "as-finished", parallel: 3, budget });
    const played = await again(journal);
    expect(played.difference).toBeNull();
    expect(played.episodes).toBe(run.told);
    expect(played.scores).toEqual({ all: scores(journal.events), same: scores(journal.events) });
    expect(played.cells.same).toBe(played.cells.all);
    expect(played.cells.all).toBeGreaterThan(5);
  });

  test("names the first cell that prints something else", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 4 });
    const played = await again(journal, { kernels: drifting((source) => source !== "x = 1") });
    expect(played.difference).toMatchObject({ branch: "b1", proposal: "p1", round: 1, cell: "c4" });
    expect(played.difference?.what).toMatch(/ok, no output then, .*stdout: 17:32:05 now/);
    expect(played.cells.same).toBe(0);
    expect(played.scores.same).toBe(played.scores.all); // what was scored is the same
  });

  test("names the first score that is another, the founder's too", async () => {
    const journal = memoryJournal();
    await tinyRun(journal, { proposals: 4 });
    const harsh = numberVerifier();
    const judge = (most: number): ReExecuteParts["verifier"] => ({
      ...harsh,
      async verify(submission, options) {
        if (Number(submission) > most)
          return { valid: false, fitness: null, metrics: {}, message: "too much" };
        return harsh.verify(submission, options);
      },
    });
    const { difference } = await again(journal, { verifier: judge(1) });
    expect(difference?.branch).toMatch(/^b[1-4]$/);
    expect(difference?.what).toMatch(/score \d+.* then, invalid: too much.* now/);
    await expect(again(journal, { verifier: judge(0) })).rejects.toThrow(
      "the verifier rejects the first solution",
    );
  });
});
