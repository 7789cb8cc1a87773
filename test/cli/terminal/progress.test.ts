import { describe, expect, test } from "vitest";
import { followEvent, noProgress } from "../../../src/cli/terminal/progress.ts";
import { totalsOf } from "../../../src/history/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { tinyModel, tinyRun } from "../../support/tiny-run.ts";
import type { LanguageModel, RunEvent } from "../../../src/contracts/index.ts";

/** The lines of a run on fakes that stay on the screen, and what it amounts to. */
async function played(model: LanguageModel, forget: (event: RunEvent) => RunEvent = (event) => event) {
  const journal = memoryJournal();
  const run = await tinyRun(journal, { model, proposals: 2, parallel: 1 });
  let progress = noProgress;
  const lines = journal.events.flatMap((event) => {
    const next = followEvent(progress, forget(event), 0);
    progress = next.progress;
    return next.line ?? [];
  });
  return { lines, history: progress.history, result: totalsOf("run", run) };
}

const talker = () => scriptedModel(() => ({ text: "I placed the circles.", calls: [] }));

describe("an episode in which no cell ran", () => {
  test("is told as such, and counted", async () => {
    const { lines, history, result } = await played(talker());
    expect(lines.filter((line) => /^b[12] .*, no cell was run$/.test(line))).toHaveLength(2);
    expect(history?.ended.map(({ cells }) => cells).toArray()).toEqual([0, 0]);
    expect(result).toMatchObject({ episodes: 2, failures: 0, withoutCells: 2 });
  });

  test("is not one in which cells ran", async () => {
    const { lines, history, result } = await played(tinyModel());
    expect(lines.join("\n")).not.toContain("no cell was run");
    expect(history?.ended.every(({ cells }) => cells !== null && cells > 0)).toBe(true);
    expect(result.withoutCells).toBe(0);
  });

  test("is not claimed of a journal that does not count cells", async () => {
    const { lines, history } = await played(talker(), (event) => {
      if (event.type !== "calls-ended") return event;
      const { cells: _, ...older } = event;
      return older;
    });
    expect(lines.join("\n")).not.toContain("no cell was run");
    expect(history?.ended.map(({ cells }) => cells).toArray()).toEqual([null, null]);
  });
});

test("the first proposal is told in a sentence, no later one", async () => {
  const { lines } = await played(tinyModel());
  expect(lines.filter((line) => line.includes("has begun"))).toEqual([
    "p1 improve b0 has begun; each proposal gets a line when it ends",
  ]);
});
