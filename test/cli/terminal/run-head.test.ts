// The head of a run in words: what was asked for as long as it is not made, what it took, and its target where that is its own.
import { expect, test } from "vitest";
import { headLines } from "../../../src/cli/terminal/run-facts.ts";
import { readHistory } from "../../../src/history/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import type { JsonObject, Task } from "../../../src/contracts/index.ts";
import { tinyRun } from "../../support/tiny-run.ts";
import { tinyTask } from "../../support/tiny-task.ts";

const journal = memoryJournal();
await tinyRun(journal, { seed: 5, proposals: 6 });
const history = await readHistory(journal);
const head = (settings: JsonObject, task: Partial<Task> = {}): readonly string[] =>
  headLines({ ...tinyTask, ...task }, { ...history, settings });

test.each([
  [{ proposals: 24 }, {}, /6 of 24 proposals$/],
  [{ proposals: 6 }, {}, /(?<!of )6 proposals$/],
  [{ proposals: 2 }, {}, /(?<!of )6 proposals$/],
  [{}, {}, /(?<!of )6 proposals$/],
] as const)("settings %j, task %j: %s", (settings, task, counts) => {
  expect(head(settings, task)[1]).toMatch(counts);
});

test.each([
  [{ target: 1 }, {}, "target: 1, reached"],
  [{ target: 1e9 }, {}, "target: 1000000000, not reached"],
  [{}, { target: 1 }, "target: 1, reached"],
  [{ target: null }, { target: 1 }, undefined],
  // It is said already how the best stands to that.
  [{ target: "best-known" }, { bestKnown: 7 }, undefined],
] as const)("settings %j, task %j: %s", (settings, task, line) => {
  const lines = head(settings, task);
  expect(lines.find((one) => one.startsWith("target: "))).toBe(line);
  expect(lines.filter((one) => /^tokens: [\d,]+ in, [\d,]+ out; /.test(one))).toHaveLength(1);
});
