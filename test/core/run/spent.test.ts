// What branches and models cost, from the episodes that ended.
import { List } from "immutable";
import { expect, test } from "vitest";
import type { EndedEpisode } from "../../../src/core/run/history.ts";
import { spentByBranch, spentByModel } from "../../../src/core/run/spent.ts";

/** An episode of a model; `branch` null: it failed. */
function episode(
  branch: string | null,
  tokens: number,
  costUsd: number | null,
  model?: string,
): EndedEpisode {
  const proposal = { model };
  const outcome = branch === null ? { ok: false, proposal } : { ok: true, proposal, branch: { id: branch } };
  return { outcome, tokens, costUsd } as EndedEpisode;
}

test("each branch has what its episode cost, each model what all its episodes did; an unknown price stays unknown", () => {
  const ended = List([
    episode("b1", 100, 0.5, "small"),
    episode(null, 50, 0.25, "small"),
    episode("b2", 1_000, null, "large"),
    episode("b3", 10, 1, "large"),
  ]);
  expect([...spentByBranch({ ended })]).toEqual([
    ["b1", { episodes: 1, tokens: 100, costUsd: 0.5 }],
    ["b2", { episodes: 1, tokens: 1_000, costUsd: null }],
    ["b3", { episodes: 1, tokens: 10, costUsd: 1 }],
  ]);
  expect([...spentByModel({ ended })]).toEqual([
    ["small", { episodes: 2, tokens: 150, costUsd: 0.75 }],
    ["large", { episodes: 2, tokens: 1_010, costUsd: null }],
  ]);
  expect([...spentByModel({ ended: List([episode("b1", 1, 0)]) }).keys()]).toEqual([""]);
  expect(spentByBranch({ ended: List() }).size).toBe(0);
});
