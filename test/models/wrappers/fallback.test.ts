// Models that stand in for one another: who is out of reach is left alone for a while, and the run goes on.
import { describe, expect, test } from "vitest";
import { ModelError, RunError } from "../../../src/core/errors.ts";
import { bandit } from "../../../src/models/wrappers/bandit.ts";
import { ensemble } from "../../../src/models/wrappers/ensemble.ts";
import type { ModelNotice } from "../../../src/models/signals/notice.ts";
import { openai } from "../../../src/models/openai/openai.ts";
import type { LanguageModel } from "../../../src/contracts/index.ts";
import { memoryJournal } from "../../../src/testing/memory-journal.ts";
import { modelServer } from "../../../src/testing/model-server.ts";
import { scriptedModel } from "../../../src/testing/scripted-model.ts";
import { tinyReply, tinyRun } from "../../support/tiny-run.ts";
import { ask, running } from "../helpers.ts";

/** A model that can be cut off, and how often it was asked. */
function member(name: string) {
  const script = scriptedModel(tinyReply);
  const state: { asked: number; failure: Error | null } = { asked: 0, failure: null };
  const model: LanguageModel = {
    name,
    seesImages: false,
    async reply(request, options) {
      state.asked++;
      if (state.failure !== null) throw state.failure;
      return { ...(await script.reply(request, options)), text: name };
    },
  };
  return Object.assign(state, { model });
}

const away = (name: string): RunError => new RunError("model-unreachable", `no answer from ${name}`);

/** Two of them, of which the seed of `ask()` takes the first, with a clock that is set by hand. */
function pair() {
  const [a, b] = [member("a"), member("b")];
  const notices: ModelNotice[] = [];
  const time = { now: 0 };
  const options = {
    absenceMs: 1000,
    clock: () => time.now,
    onNotice: (notice: ModelNotice) => notices.push(notice),
  };
  const model = ensemble([{ model: a.model, weight: 1e9 }, { model: b.model }], options);
  return { a, b, notices, time, options, model };
}

describe("an ensemble with a member out of reach", () => {
  test("the next one answers, which is told once; it is asked again after a while, by one request", async () => {
    const { a, b, notices, time, model } = pair();
    a.failure = away("a");
    expect(await model.reply(ask(), running)).toMatchObject({ text: "b", notices: { absent: 1 } });
    expect(await model.reply(ask(), running)).toMatchObject({ text: "b", notices: { absent: 1 } });
    expect([a.asked, b.asked]).toEqual([1, 2]);
    expect(notices).toMatchObject([{ type: "absent", model: "a" }]);
    expect(notices[0]?.message).toContain("no answer from a; b is asked in its place");
    time.now = 1000;
    const both = await Promise.all([model.reply(ask(), running), model.reply(ask(), running)]);
    expect(both.map(({ text }) => text)).toEqual(["b", "b"]);
    expect(a.asked).toBe(2);
    [time.now, a.failure] = [2000, null];
    const back = await model.reply(ask(), running);
    expect(back.text).toBe("a");
    expect(back.notices).toBeUndefined();
  });

  test("where nobody can be reached the run stops, and each is named; once one is back it goes on", async () => {
    const { a, b, model } = pair();
    [a.failure, b.failure] = [away("a"), away("b")];
    const stopped = model.reply(ask(), running);
    await expect(stopped).rejects.toMatchObject({ code: "model-unreachable" });
    await expect(stopped).rejects.toThrow(/none of 2 models.*from a.*from b/);
    b.failure = null;
    expect((await model.reply(ask(), running)).text).toBe("b");
  });

  test("a failure of who is there fails the episode; the others' doors are not tried again for it", async () => {
    const { a, b, model } = pair();
    a.failure = away("a");
    await model.reply(ask(), running);
    b.failure = new ModelError("no");
    await expect(model.reply(ask(), running)).rejects.toBe(b.failure);
    expect(a.asked).toBe(1);
  });

  test("an abort and a refusal go through", async () => {
    const { a, b, model } = pair();
    for (const failure of [new RunError("model-refused", "401"), new Error("aborted")]) {
      a.failure = failure;
      await expect(model.reply(ask(), running)).rejects.toBe(failure);
    }
    expect(b.asked).toBe(0);
  });
});

describe("a bandit with a member out of reach", () => {
  test("a whole run goes on with the others", async () => {
    const { a, b, notices, options } = pair();
    a.failure = away("a");
    const { members = [] } = bandit([a.model, b.model], options);
    const run = await tinyRun(memoryJournal(), { members, proposals: 6 });
    expect(run.failures).toBe(0);
    expect(run.told).toBe(6);
    expect(notices.map(({ model }) => model)).toContain("a");
  });

  test("another failure of a member is its own: nobody stands in, the proposal fails", async () => {
    const { a, b, options } = pair();
    a.failure = new ModelError("no");
    const { members = [] } = bandit([a.model, b.model], options);
    await expect(members[0]?.reply(ask(), running)).rejects.toBe(a.failure);
    expect(b.asked).toBe(0);
  });
});

test("over real HTTP: one server is closed, the other answers", async () => {
  const closed = await modelServer({ behaviour: [] });
  await closed[Symbol.asyncDispose]();
  await using open = await modelServer({ behaviour: () => ({ type: "reply", reply: { text: "here" } }) });
  const at = (baseURL: string): LanguageModel =>
    openai({ model: baseURL, baseURL, apiKey: "k", firstDelayMs: 1, maxDelayMs: 1, maxOutageMs: 0 });
  const model = ensemble([{ model: at(closed.baseURL), weight: 1e9 }, { model: at(open.baseURL) }]);
  expect(await model.reply(ask(), running)).toMatchObject({ text: "here", notices: { absent: 1 } });
});
