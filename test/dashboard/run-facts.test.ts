import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureGroups, usedLimits, worthOf } from "../../src/dashboard/run/facts.ts";
import { durationText, moneyText, shortCount, stateWords } from "../../src/dashboard/data/words.ts";
import { madeEpisodes, madeHistory } from "./made-run.ts";

describe("what the page says of a run", () => {
  it("counts every episode once among failures and operators", () => {
    fc.assert(
      fc.property(madeEpisodes, (episodes) => {
        const history = madeHistory(episodes);
        const groups = failureGroups(history);
        const { operators } = worthOf(history);
        const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
        expect(sum(groups.map(({ count }) => count))).toBe(history.failures);
        expect(sum(operators.map(({ failed }) => failed))).toBe(history.failures);
        expect(sum(operators.map(({ episodes: all }) => all))).toBe(history.ended.size);
      }),
    );
  });

  it("shows limits that were set, and never more than a whole bar", () => {
    const settings = { proposals: 1, budget: { tokens: 10, costUsd: null, seconds: "much", stagnation: 4 } };
    const history = { ...madeHistory([]), settings, proposals: 3, told: 2 };
    expect(usedLimits(history)).toEqual([
      { name: "Proposals", share: 1, text: "3 of 1" },
      { name: "Tokens", share: 0, text: "0 of 10" },
      { name: "Without a new best", share: 0.5, text: "2 of 4" },
    ]);
  });

  it.each([
    ["live", null, false, "under way"],
    ["live", null, true, "paused"],
    ["live", "target", false, "coming to its end: its target was reached"],
    ["finished", "target", false, "finished: its target was reached"],
    ["interrupted", null, false, "interrupted"],
    [null, "asked", false, "finished: a person stopped it"],
    [null, null, false, "not finished"],
  ] as const)("calls %s, stopped by %s, paused %s: %s", (standing, stopped, paused, text) => {
    expect(stateWords(standing, { stopped, paused }).text).toBe(text);
  });

  it("has words for every length of time, sum and count", () => {
    expect([null, NaN, 0, 59_400, 725_000, 12_000_000, 190_000_000].map(durationText)).toEqual([
      "–",
      "–",
      "0 s",
      "59 s",
      "12 min 5 s",
      "3 h 20 min",
      "2 d 4 h",
    ]);
    expect([null, 0, 0.00123, 4.2, 1204.4].map(moneyText)).toEqual(["–", "$0", "$0.0012", "$4.20", "$1,204"]);
    expect([999, 38_123, 1_250_000, Infinity].map(shortCount)).toEqual(["999", "38.1 k", "1.25 M", "–"]);
  });
});
