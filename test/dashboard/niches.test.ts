// Niches, islands and fronts of a run: what the page shows is what the strategy itself keeps.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binsOf, frontOf, islandsOf, nichesOf } from "../../src/dashboard/niches/niches-of.ts";
import { frontAxesOf, nicheSpaceOf } from "../../src/dashboard/niches/spaces.ts";
import { readHistory } from "../../src/history/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import type { Strategy, Task } from "../../src/contracts/index.ts";
import { islands, mapElites, pareto, tournament } from "../../strategies/index.ts";
import { gridNiche, gridSize } from "../../strategies/parts/niches.ts";
import { tinyRun } from "../support/tiny-run.ts";
import { tinyTask } from "../support/tiny-task.ts";

const axes = [
  { metric: "score", min: 0, max: 8, bins: 4 },
  { metric: "notebook.cells", min: 0, max: 12, bins: 3 },
];
const task: Task = { ...tinyTask, descriptors: axes };

async function play(strategy: Strategy) {
  const journal = memoryJournal();
  const run = await tinyRun(journal, { task, strategy, proposals: 14, seed: 3 });
  return { run, history: await readHistory(journal) };
}

const settingsOf = ({ name, settings }: Strategy) => ({ strategy: { name, ...settings } });

describe("niches", () => {
  test.each([
    ["a grid", mapElites({ axes })],
    ["Voronoi niches", mapElites({ axes, centroids: 9, cvtSeed: 4 })],
  ])("of %s hold the elites that the strategy has", async (_, strategy) => {
    const { history } = await play(strategy);
    const space = nicheSpaceOf(settingsOf(strategy), task);
    if (space === null) throw new Error("the strategy has niches");
    const { elites, course } = nichesOf(history, space);
    // Told in the order scored, as the page reads them.
    const told = history.ended.reduce(
      (kept, { outcome }) => strategy.tell(kept, outcome),
      strategy.start(history.founder),
    );
    const { archive } = told;
    const own = archive.niches
      .toArray()
      .map((niche) => [niche, archive.elites.get(niche)?.branch.score.fitness]);
    expect([...elites].map(([niche, { score }]) => [niche, score.fitness]).toSorted()).toEqual(
      own.toSorted(),
    );
    expect(course.filled.at(-1)).toBe(elites.size);
    expect(elites.size).toBeGreaterThan(1);
    for (const values of [course.filled, course.qd, course.branches])
      expect(values.toSorted((a, b) => a - b)).toEqual(values);
  });

  test("are found within the strategies that wrap one, and as the task describes them without one", () => {
    const wrapped = islands({ of: mapElites({ axes }) });
    expect(nicheSpaceOf(settingsOf(wrapped), task)).toMatchObject({ axes, isUsed: true, size: 12 });
    expect(nicheSpaceOf(settingsOf(tournament()), task)).toMatchObject({ axes, isUsed: false });
    expect(nicheSpaceOf(settingsOf(tournament()), tinyTask)).toBe(null);
  });

  test("of a stranger's settings may be anything", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.integer(), (value, of, centroids) => {
        for (const strategy of [
          value,
          { name: "map-elites", axes: value, centroids },
          { name: "x", of },
          { name: "pareto", objectives: value },
        ]) {
          const settings = JSON.parse(JSON.stringify({ strategy }));
          const space = nicheSpaceOf(settings, task);
          expect(space === null || space.size <= 20_000).toBe(true);
          frontAxesOf(settings);
        }
      }),
    );
    const huge = { name: "map-elites", axes: [{ metric: "a", min: 0, max: 1, bins: 1e9 }] };
    expect(nicheSpaceOf({ strategy: huge }, task)).toBe(null);
  });

  test("have their bins back from their numbers", () => {
    const bins = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(bins, fc.nat(), (counts, seed) => {
        const space = {
          axes: counts.map((count, at) => ({ metric: `m${at}`, min: 0, max: count, bins: count })),
        };
        const niche = seed % gridSize(space.axes);
        const point = binsOf(space, niche).map((bin) => bin + 0.5);
        expect(gridNiche(space.axes, point)).toBe(niche);
      }),
    );
  });
});

test("islands have every episode, and the best of each", async () => {
  const { history } = await play(islands({ count: 3, interval: 4 }));
  const all = islandsOf(history);
  expect(all).toHaveLength(3);
  expect(all.reduce((sum, { episodes }) => sum + episodes, 0)).toBe(history.ended.size);
  expect(Math.max(...all.map(({ best }) => best?.score.fitness ?? -Infinity))).toBe(
    history.best.score.fitness,
  );
  expect(islandsOf((await play(tournament())).history)).toEqual([]);
});

test("a front is what no branch dominates", async () => {
  const objectives = [
    { metric: "score", direction: "maximize" },
    { metric: "notebook.cells", direction: "minimize" },
  ] as const;
  const strategy = pareto({ objectives });
  const { history } = await play(strategy);
  const found = frontAxesOf(settingsOf(strategy));
  expect(found).toEqual(objectives);
  const points = frontOf(history, found ?? []);
  expect(points).toHaveLength(history.branches.size);
  for (const { values, isFront } of points) {
    const [score = 0, cells = 0] = values;
    const better = points.some(
      ({ values: [other = 0, others = 0] }) =>
        other >= score && others <= cells && (other > score || others < cells),
    );
    expect(isFront).toBe(!better);
  }
});
