// What a run was begun with is what `startRun({ dir })` goes on with: parts of a user's own, files, and what a journal may say.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseParts, partClaims } from "../../../src/run/parts/journalled-parts.ts";
import { startRun } from "../../../src/run/start-run.ts";
import { plain } from "../../../renderers/index.ts";
import { islands, tournament } from "../../../strategies/index.ts";
import { numbersModel } from "../../support/numbers-model.ts";
import { numbersTask } from "../../support/numbers-task.ts";
import { testSandbox } from "../../support/sandbox.ts";
import { shortRenderer } from "../../support/short-renderer.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nbevolve-parts-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const task = numbersTask();
const goOn = (name: string) => ({
  ...{ dir: join(root, name), model: numbersModel(), sandbox: testSandbox, parallel: 1 },
});
const OWN = {
  strategy: { ...tournament(), name: "greedy", settings: {} },
  renderer: { ...plain(), name: "brief" },
};

test("a run that was begun with parts of the caller's own says to give them again, and goes on once they are", async () => {
  const options = goOn("own");
  await startRun({ ...options, task, ...OWN, proposals: 1 }).done;
  const refused = (more: object) =>
    expect(startRun({ ...options, ...more, proposals: 2 }).done).rejects.toMatchObject({
      code: "bad-option",
      message: expect.stringMatching(
        "strategy" in more
          ? /^the run was begun with the renderer "brief" of your own: give it again as `renderer`/
          : /^the run was begun with the strategy "greedy" of your own: give it again as `strategy`/,
      ),
    });
  await refused({});
  await refused({ renderer: OWN.renderer });
  await refused({ strategy: OWN.strategy });
  expect((await startRun({ ...options, ...OWN, proposals: 2 }).done).proposals).toBe(2);
});

describe("what a journal names", () => {
  const settings = {
    strategy: { name: "tournament", ...tournament({ size: 5 }).settings },
    renderer: "positional",
  };

  test("is made again with its settings, and what is given holds instead", async () => {
    const same = await chooseParts({}, { settings }, task);
    expect(same.strategy.settings).toEqual(tournament({ size: 5 }).settings);
    expect([same.renderer.name, same.tools]).toEqual(["positional", []]);
    const given = await chooseParts({ ...OWN, tools: [] }, { settings }, task);
    expect([given.strategy, given.renderer]).toEqual([OWN.strategy, OWN.renderer]);
    const fresh = await chooseParts({}, null, task);
    expect([fresh.strategy.name, fresh.renderer.name]).toEqual(["tournament", "log-structured"]);
  });

  test("with the name of a shipped strategy and settings that it does not take is the caller's own", async () => {
    const own = { ...settings, strategy: { name: "tournament", greed: 3 } };
    await expect(chooseParts({}, { settings: own }, task)).rejects.toThrow(
      /^the run was begun with the strategy "tournament" of your own \(it is not the shipped one: .*greed.*\): give it again/,
    );
    const wrapping = islands({ of: OWN.strategy });
    const around = { ...settings, strategy: { name: wrapping.name, ...wrapping.settings } };
    await expect(chooseParts({}, { settings: around }, task)).rejects.toThrow(
      /^the run was begun with the strategy "islands" of your own .*"greedy".*: give it again/,
    );
  });

  test("as a file is loaded, and is a claim unless the caller gives the part", async () => {
    const file = join(root, "short.mjs");
    await writeFile(file, shortRenderer("the words"));
    const started = { settings: { ...settings, origin: { renderer: file } } };
    expect((await chooseParts({}, started, task)).renderer.name).toBe("short");
    expect(partClaims(started, {})).toEqual([{ act: "load the renderer", what: file, isCode: true }]);
    expect(partClaims(started, { renderer: plain() })).toEqual([]);
  });
});
