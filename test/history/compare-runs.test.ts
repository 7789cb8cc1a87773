// Runs beside each other: what stands in a column is what each run's own branches say, and a group is of seeds alone.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  branchesInOrder,
  compareRuns,
  readHistory,
  recordOfRun,
  type RunToCompare,
} from "../../src/history/index.ts";
import { bestOfN, tournament } from "../../strategies/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import type { JsonObject, Task } from "../../src/contracts/index.ts";
import { runCli } from "../support/cli.ts";
import { tinyRun, type TinyOptions } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";
import { writeRun } from "./written-run.ts";

async function played(
  name: string,
  options: TinyOptions,
  task: Task = tinyTask,
  settings: JsonObject = {},
): Promise<RunToCompare> {
  const journal = memoryJournal();
  await tinyRun(journal, { ...options, task });
  const history = { ...(await readHistory(journal)), settings };
  return { name, history, task, record: await recordOfRun(`/nowhere/${name}`, history, task) };
}

const seeds = fc.uniqueArray(fc.nat(1000), { minLength: 2, maxLength: 4 });

describe("runs of one task", () => {
  test("have in their courses the best of as many proposals, and in their spreads what they have", async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }), async (all, counts) => {
        const runs = await Promise.all(
          all.map((seed, at) => played(`r${seed}`, { seed, proposals: (counts[at] ?? 0) + 1, parallel: 3 })),
        );
        const { apart, at, runs: compared, seeds: groups } = compareRuns(runs);
        expect(apart).toBe(null);
        for (const [index, { history }] of runs.entries()) {
          const best = (most: number): number | null =>
            most > history.proposals
              ? null
              : Math.max(
                  ...branchesInOrder(history)
                    .filter(({ number }) => number <= most)
                    .map(({ score }) => score.fitness),
                );
          const run = compared[index];
          expect(run?.course).toEqual(at.map(best));
          expect(run?.best).toBe(best(history.proposals));
          expect(best(run?.toBest ?? -1)).toBe(run?.best);
          expect(run?.toBest === 0 || (best((run?.toBest ?? 0) - 1) ?? 0) < (run?.best ?? 0)).toBe(true);
          expect(run?.proposals).toBe(history.proposals);
        }
        const [group, ...others] = groups;
        expect([others, group?.runs]).toEqual([[], runs.map(({ name }) => name)]);
        for (const [index, spread] of (group?.course ?? []).entries()) {
          const values = compared.flatMap(({ course }) => course[index] ?? []).toSorted((a, b) => a - b);
          const middle = (values[(values.length - 1) >> 1] ?? NaN) + (values[values.length >> 1] ?? NaN);
          const ends = { low: values[0], high: values.at(-1) };
          expect(spread).toEqual({ runs: values.length, median: middle / 2, ...ends });
        }
      }),
      { numRuns: 8 },
    );
  });

  test("tell when the best known score was reached, in either direction", async () => {
    const known = await played("known", { seed: 3, proposals: 8 }, { ...tinyTask, bestKnown: 1 });
    const { runs } = compareRuns([known, await played("far", { seed: 4 }, { ...tinyTask, bestKnown: 1e6 })]);
    expect(runs.map(({ goal, toGoal }) => [goal, toGoal])).toEqual([
      [1, 0],
      [1e6, null],
    ]);
    expect(runs.map(({ bestKnown }) => bestKnown?.how)).toEqual(["better", "short"]);
  });

  test("are grouped only where nothing but the seed differs", async () => {
    const strategy = { strategy: { name: "tournament" } };
    const runs = [
      await played("a", { seed: 1 }, tinyTask, strategy),
      await played("b", { seed: 2, strategy: bestOfN() }, tinyTask, { strategy: { name: "best-of-n" } }),
      await played("c", { seed: 3, strategy: tournament() }, tinyTask, { ...strategy, proposals: 50 }),
      await played("d", { seed: 2 }, tinyTask, { ...strategy, rounds: 2 }),
      await played("e", { seed: 2 }, tinyTask, { ...strategy, rounds: 2 }),
    ];
    // The same seed twice is no second sample.
    expect(compareRuns(runs).seeds.map(({ runs: names }) => names)).toEqual([["a", "c"]]);
  });
});

test.each([
  [{ name: "other" }, "they are of different tasks (tiny, other)"],
  [{ parameters: { n: 2 } }, "their tasks have different parameters"],
  [{ direction: "minimize" }, "their tasks have the same name and different verifiers"],
  [{ verifier: { source: "x", cell: "c3" } }, "their tasks have the same name and different verifiers"],
  [{ statement: "Make `x` as large as you can." }, null],
] as const)("%j: apart as %j", async (change, why) => {
  const one = await played("one", { seed: 1 });
  const {
    apart,
    at,
    seeds: groups,
  } = compareRuns([one, await played("two", { seed: 2 }, { ...tinyTask, ...change })]);
  expect([apart, at.length > 0, groups.length]).toEqual([why, why === null, why === null ? 1 : 0]);
});

test("nbevolve compare prints them as a table and as JSON", async () => {
  const dirs: string[] = [];
  for (const seed of [1, 2]) {
    const journal = memoryJournal();
    await tinyRun(journal, { seed, proposals: 5 * seed });
    await using store = await writeRun(journal);
    dirs.push(store.dir);
  }
  const shown = await runCli(["compare", ...dirs]);
  expect(shown.code, shown.stderr).toBe(0);
  expect(shown.stdout).toMatch(
    /^task tiny \(maximize\)\n\nrun +seed +proposals +best +best at +tokens +cost +time\n/,
  );
  expect(shown.stdout).toMatch(/^proposals +0 +1 +2 +5 +10$/m);
  expect(shown.stdout).toMatch(/^median of seeds( +\S+){4}$/m);
  expect(shown.stdout).toMatch(/^seeds: 2 runs that differ in the seed alone \(.*\): best [^;]+$/m);
  const json = JSON.parse((await runCli(["compare", ...dirs, "--json"])).stdout);
  expect(json).toMatchObject({
    apart: null,
    at: [0, 1, 2, 5, 10],
    runs: [{ seed: 1, proposals: 5 }, { seed: 2 }],
  });
  for (const given of [dirs.slice(0, 1), Array.from({ length: 9 }, () => dirs[0] ?? "")]) {
    const { code, stderr } = await runCli(["compare", ...given]);
    expect([code, stderr]).toEqual([2, `nbevolve: compare takes from 2 to 8 runs, not ${given.length}\n`]);
  }
});
