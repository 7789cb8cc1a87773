// A run whose model never does anything is given up; with another model it goes on.
import { expect, test } from "vitest";
import { memoryJournal } from "../../src/testing/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { tinyModel, tinyRun } from "../support/tiny-run.ts";

const talker = () => scriptedModel(() => ({ text: "I would add a circle.", calls: [] }));

test("a run of words alone stops after three episodes, and is resumed by a model that acts", async () => {
  const journal = memoryJournal();
  const options = { proposals: 8, parallel: 1 };
  await expect(tinyRun(journal, { ...options, model: talker() })).rejects.toMatchObject({
    code: "model-idle",
    message: expect.stringMatching(/^3 episodes were played and not one cell was run.*models check/),
  });
  expect(journal.events.filter(({ type }) => type === "proposal-told")).toHaveLength(3);
  const run = await tinyRun(journal, { ...options, model: tinyModel() });
  expect(run.told).toBe(8);
  expect(run.cells).toBeGreaterThan(0);
});

test("a model that is idle now and then is none that never acts", async () => {
  let asked = 0;
  const acting = tinyModel();
  const model = {
    ...talker(),
    reply: (...[request, options]: Parameters<typeof acting.reply>) =>
      (asked++ === 0 ? acting : talker()).reply(request, options),
  };
  const run = await tinyRun(memoryJournal(), { proposals: 5, parallel: 1, harness: "lean", model });
  expect(run.told).toBe(5);
});
