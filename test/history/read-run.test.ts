// A run read from its directory, wherever its journal ends: what it says of itself is what its events say.
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { branchesInOrder, readHistory, readRun } from "../../src/history/index.ts";
import { branchFile } from "../../src/store/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import type { RunEvent } from "../../src/contracts/index.ts";
import { tinyRun } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";
import { scratch } from "../store/scratch.ts";
import { writeRun } from "./written-run.ts";

const countOf = (events: readonly RunEvent[], type: RunEvent["type"]): number =>
  events.filter((event) => event.type === type).length;

test("wherever the journal ends, its record counts what is there, and only a whole run is finished", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, share) => {
      const played = memoryJournal();
      await tinyRun(played, { seed, proposals: 8, parallel: 3 });
      const events = played.events.slice(0, Math.ceil(share * played.events.length) || 1);
      const store = await writeRun(played, events.length);
      const { dir } = store;
      expect((await readRun(dir)).state).toBe("live");
      await store[Symbol.asyncDispose]();
      const run = await readRun(dir);
      const history = await readHistory(dir);
      const branches = branchesInOrder(history);
      expect(run).toMatchObject({
        dir,
        state: events.at(-1)?.type === "run-stopped" ? "finished" : "interrupted",
        task: { name: "tiny", direction: "maximize", statement: tinyTask.statement, parameters: {} },
        seed,
        proposals: countOf(events, "proposal-made"),
        episodes: countOf(events, "episode-ended"),
        failures: run.failed.length,
        usage: history.usage,
        startedMs: history.startedMs,
        latestMs: history.latestMs,
        target: null,
        bestKnown: null,
      });
      expect(run.branches.map(({ branch }) => branch)).toEqual(branches.map(({ id }) => id));
      expect(run.branches).toContain(run.best);
      expect(run.best.fitness).toBe(Math.max(...run.branches.map(({ fitness }) => fitness)));
      expect(run.open).toHaveLength(run.proposals - run.episodes);
      for (const branch of run.branches) {
        expect(branch.score).toBe(branch.fitness);
        expect(await branch.submission()).toBe(branch.score);
        expect((await branch.notebook()).cells.length).toBeGreaterThan(1);
        expect(existsSync(branch.path)).toBe(true);
      }
    }),
    { numRuns: 8 },
  );
});

test("the score is in the task's own direction, the fitness is higher for what is better", async () => {
  const played = memoryJournal();
  const task = { ...tinyTask, direction: "minimize", bestKnown: -3, target: -9 } as const;
  const history = await tinyRun(played, { task, proposals: 3 });
  await using store = await writeRun(played, played.events.length);
  const run = await readRun(store.dir);
  const { best } = history;
  expect(run.best).toMatchObject({
    branch: best.id,
    fitness: best.score.fitness,
    metrics: best.score.metrics,
  });
  expect(run.best.score).toBe(best.score.metrics["score"]);
  expect(run.target).toBe(-9);
  expect(run.bestKnown).toMatchObject({ score: -3, how: "short" });
});

test("a journal of somebody else's names no file outside of its run", () => {
  for (const id of ["../../notes", "a/b", "", "b1\n", "c:"])
    expect(() => branchFile("/runs/one", id)).toThrow(expect.objectContaining({ code: "run-corrupt" }));
  expect(branchFile("/runs/one", "b1")).toBe(join("/runs/one", "branches", "b1.ipynb"));
});

test("a directory without a run, and what is no directory's name, are refused", async () => {
  await expect(readRun(join(scratch(), "none"))).rejects.toMatchObject({ code: "run-missing" });
  await expect(readRun("")).rejects.toThrow('readRun: dir is ""; it must be a text that is not empty');
});
