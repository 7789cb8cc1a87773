// Models that compete for proposals: credit by rank improvement for the price, reduced from the journal.
import { describe, expect, test } from "vitest";
import type { ModelTrial } from "../../src/core/run/history.ts";
import { withModel } from "../../src/core/run/model-bandit.ts";
import type { Run } from "../../src/core/run/run.ts";
import { ModelFailure } from "../../src/models/signals/failure.ts";
import { auditJournal } from "../../src/run/checks/audit-journal.ts";
import type { LanguageModel, Proposal } from "../../src/contracts/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { tournament } from "../../strategies/index.ts";
import { tinyReply, tinyRun, type TinyOptions } from "../support/tiny-run.ts";

/** Adds so much to `x` in every episode, each turn at that price. */
function adder(name: string, step: number, costUsd: number | null): LanguageModel {
  const model = scriptedModel((request) => {
    const { text, calls } = tinyReply(request);
    const done = calls?.map((call) =>
      call.tool === "run_code" ? { ...call, arguments: { source: `x = x + ${step}` } } : call,
    );
    const usage = { inputTokens: 100, cachedTokens: 0, outputTokens: 10, costUsd };
    return { text: text ?? "", calls: done ?? [], usage };
  });
  return { name, seesImages: false, reply: model.reply.bind(model) };
}

const proposals = ({ events }: MemoryJournal): readonly Proposal[] =>
  events.flatMap((event) => (event.type === "proposal-made" ? [event.proposal] : []));

const shares = (journal: MemoryJournal, name: string): number =>
  proposals(journal).filter(({ model }) => model === name).length;

function playedBy(journal: MemoryJournal, members: readonly LanguageModel[], options: TinyOptions) {
  return tinyRun(journal, { ...options, members });
}

describe("models that compete", () => {
  test("each is tried, and what brings more for its price gets more", async () => {
    const journal = memoryJournal();
    const members = [adder("useless", 0, 0.01), adder("good", 2, 0.01), adder("dear", 2, 1)];
    await playedBy(journal, members, { proposals: 40, parallel: 2 });
    const counts = members.map(({ name }) => shares(journal, name));
    expect(Math.min(...counts)).toBeGreaterThan(1);
    expect(counts[1]).toBeGreaterThan(20);
    const turns = journal.events.filter((event) => event.type === "turn-ended");
    const asked = new Map(proposals(journal).map(({ id, model }) => [id, model]));
    for (const { proposal, model } of turns) expect(model).toBe(asked.get(proposal));
  });

  test("without a known price, tokens count", async () => {
    const journal = memoryJournal();
    await playedBy(journal, [adder("useless", 0, 0.01), adder("good", 2, null)], { proposals: 20 });
    expect(shares(journal, "good")).toBeGreaterThan(12);
  });

  test("a crash after any event, resumed, gives each proposal the same model", async () => {
    const members = [adder("a", 1, 0.01), adder("b", 2, 0.02)];
    const options = { proposals: 3, seed: 3 };
    const journal = memoryJournal();
    const whole = await playedBy(journal, members, options);
    expect((await auditJournal(journal.read(0), tournament())).difference).toBeNull();
    for (let events = 1; events < journal.events.length; events++) {
      const torn = memoryJournal();
      torn.failAfter(events);
      await expect(playedBy(torn, members, options)).rejects.toThrow("simulated crash");
      torn.failAfter(Infinity);
      const resumed = await playedBy(torn, members, options);
      expect(proposals(torn)).toEqual(proposals(journal));
      expect(resumed.modelTrials).toEqual(whole.modelTrials);
    }
  });

  test("what fits is learnt for each model, not for all", async () => {
    const roomy = adder("roomy", 1, 0.01);
    let refused = false;
    const tight: LanguageModel = {
      ...adder("tight", 1, 0.01),
      async reply(request, signal) {
        if (!refused) {
          refused = true;
          throw new ModelFailure("too-long", "too long", { windowTokens: 3_000 });
        }
        return await roomy.reply(request, signal);
      },
    };
    const run = await playedBy(memoryJournal(), [roomy, tight], { proposals: 8 });
    expect(run.windows.toJS()).toEqual({ tight: expect.any(Number) });
  });

  test("the list may change at a resume: who is new is tried, who is gone is not asked", async () => {
    const journal = memoryJournal();
    await playedBy(journal, [adder("old", 1, 0.01), adder("kept", 1, 0.01)], { proposals: 6 });
    const before = shares(journal, "old");
    await playedBy(journal, [adder("kept", 1, 0.01), adder("new", 2, 0.01)], { proposals: 16 });
    expect(shares(journal, "old")).toBe(before);
    expect(proposals(journal)[6]?.model).toBe("new");
    expect(shares(journal, "new")).toBeGreaterThan(3);
  });
});

test("worth is rank improvement for the price, not for the scale of the fitness", async () => {
  const trial = (model: string, fitness: number, costUsd: number): ModelTrial => {
    return { model, fitness, parentFitness: 0, costUsd, tokens: 10 };
  };
  const run = await tinyRun(memoryJournal(), { proposals: 1 });
  const chosen = (modelTrials: readonly ModelTrial[]): string | undefined => {
    const now: Run = { ...run, modelTrials };
    const proposal: Proposal = { id: "p9", number: 9, operator: "improve", parents: ["b0"], island: 0 };
    return withModel(proposal, now, ["a", "b"]).model;
  };
  const many = (model: string, fitness: number, costUsd: number): readonly ModelTrial[] =>
    Array.from({ length: 10 }, () => trial(model, fitness, costUsd));
  expect(chosen([...many("a", 1, 1), ...many("b", 2, 1)])).toBe("b");
  expect(chosen([...many("a", 1, 1), ...many("b", 1e9, 4)])).toBe("a"); // a thousand million times better, one rank
  expect(chosen([...many("a", 1, 1)])).toBe("b"); // never tried
});
