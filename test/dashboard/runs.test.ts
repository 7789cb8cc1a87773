import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeAddress, readAddress, writeAddress } from "../../src/dashboard/data/address-text.ts";
import { compareLoaded, type LoadedRun } from "../../src/dashboard/runs/comparison.ts";
import { findRuns, readNames, SORTS, sortRuns, writeNames } from "../../src/dashboard/runs/rows.ts";
import { compareRuns } from "../../src/history/compare-runs.ts";
import type { ListedFacts, ListedRun, Task } from "../../src/contracts/index.ts";
import { tinyTask } from "../support/tiny-task.ts";
import { madeEpisodes, madeHistory } from "./made-run.ts";

function listed(name: string, best: number, more: Partial<ListedFacts> = {}): ListedRun {
  const usage = { inputTokens: best, cachedTokens: 0, outputTokens: 0, costUsd: null };
  return {
    name,
    problem: null,
    facts: {
      ...{ standing: "finished", task: "circles", direction: "maximize", model: "opal", strategy: "islands" },
      ...{ seed: 1, best, bestKnown: null, proposals: 3, failures: 0, usage, startedMs: 1, latestMs: 5 },
      ...more,
    },
  };
}
const broken: ListedRun = { name: "a-broken", problem: "no database", facts: null };
const namesOf = (runs: readonly ListedRun[]): readonly string[] => runs.map(({ name }) => name);

describe("the list of runs", () => {
  it("sorts by each column, and keeps those without a value last both ways", () => {
    const runs = [broken, listed("run-10", 2), listed("run-9", 1), listed("b", 3, { direction: "minimize" })];
    expect(namesOf(sortRuns(runs, "run", false))).toEqual(["a-broken", "b", "run-9", "run-10"]);
    expect(namesOf(sortRuns(runs, "best", true))).toEqual(["run-10", "run-9", "b", "a-broken"]);
    expect(namesOf(sortRuns(runs, "best", false))).toEqual(["b", "run-9", "run-10", "a-broken"]);
    for (const by of SORTS)
      for (const isDown of [true, false]) expect(sortRuns(runs, by, isDown)).toHaveLength(runs.length);
  });

  it("finds runs that have all the words somewhere", () => {
    const runs = [broken, listed("one", 1, { model: "quartz" }), listed("two", 2)];
    expect(namesOf(findRuns(runs, "CIRCLES quartz"))).toEqual(["one"]);
    expect(namesOf(findRuns(runs, "  "))).toEqual(namesOf(runs));
    expect(namesOf(findRuns(runs, "broken"))).toEqual(["a-broken"]);
  });

  it("keeps any names in the address", () => {
    const text = fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(text, (names) => {
        const compare = writeNames(names);
        const { options, run } = readAddress(writeAddress({ run: null, view: "run", options: { compare } }));
        expect(run).toBeNull();
        expect(readNames(options["compare"])).toEqual([...new Set(names)]);
      }),
    );
    expect(readNames("%E0%A4%A,b")).toEqual(["%E0%A4%A", "b"]);
  });

  it("leaves behind what another run's views kept", () => {
    const from = { run: "a", view: "branch", options: { branch: "b7" } } as const;
    expect(changeAddress(from, { view: "lineage" }).options).toEqual({ branch: "b7" });
    expect(changeAddress(from, { run: "b" }).options).toEqual({});
  });
});

const task: Task = { ...tinyTask, target: null };

describe("runs beside each other", () => {
  it("have at each place the best that the command line's comparison has", () => {
    fc.assert(
      fc.property(fc.array(madeEpisodes, { minLength: 2, maxLength: 4 }), (all) => {
        const loaded = all.map((episodes, at): LoadedRun => {
          const history = { ...madeHistory(episodes), seed: at };
          return { name: `run ${at}`, standing: "finished", history, task };
        });
        const { comparison, at, lines, spreads } = compareLoaded(loaded);
        for (const [place, proposals] of comparison.at.entries())
          for (const [run, { course }] of comparison.runs.entries())
            expect(lines[run]?.[at.indexOf(proposals)]).toBe(course[place]);
        expect(spreads).toHaveLength(1);
        const [spread] = spreads;
        for (const [place, low] of (spread?.low ?? []).entries()) {
          if (low === null) continue;
          expect(spread?.median[place]).toBeGreaterThanOrEqual(low);
          expect(spread?.high[place]).toBeGreaterThanOrEqual(spread?.median[place] ?? Infinity);
        }
      }),
    );
  });

  it("of different tasks are not put into one plot", () => {
    const history = madeHistory([]);
    const loaded = ["a", "b"].map((name): LoadedRun => ({
      name,
      standing: "live",
      history,
      task: { ...task, name },
    }));
    const { comparison, at } = compareLoaded(loaded);
    expect(comparison.apart).toContain("different tasks");
    expect(at).toEqual([]);
    expect(compareRuns([]).runs).toEqual([]);
  });
});
