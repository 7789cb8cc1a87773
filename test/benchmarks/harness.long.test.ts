// `bench harness`: its arms play real notebooks and files with a scripted model, and its figures are those of the plays.
// Long: whole plays on real kernels, in a notebook and in files.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { playFiles } from "../../benchmarks/harness/file-arm.ts";
import { playNotebook } from "../../benchmarks/harness/notebook-arm.ts";
import type { PlayOptions } from "../../benchmarks/harness/play.ts";
import { summarisePlays, type HarnessPlay } from "../../benchmarks/harness/report.ts";
import { SMALL_TASKS } from "../../benchmarks/harness/tasks.ts";
import { contentOf } from "../../src/core/conversation.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import type { Submission } from "../../src/contracts/index.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";

const peak = SMALL_TASKS[0]?.task;
if (peak === undefined) throw new Error("there is no small task");
const task = peak;

async function play(): Promise<PlayOptions> {
  const dir = await mkdtemp(join(tmpdir(), "nbe-harness-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return { task, first: 1.0414, seed: 1, tokens: 400, dir, signal: new AbortController().signal };
}

const AT_PEAK = "submission = [1.7, -1.05]";

const SACK = [4, 5, 6, 7, 8, 15, 18];
/** Four circles in the corners, and one between them. */
const PACK = [
  [0.25, 0.25, 0.25],
  [0.25, 0.75, 0.25],
  [0.75, 0.25, 0.25],
  [0.75, 0.75, 0.25],
  [0.5, 0.5, 0.103553389],
];

test("the optima are scores that the tasks give", async () => {
  const { signal } = new AbortController();
  const best: readonly [string, Submission][] = [
    ["peak", [1.69983, -1.04719]],
    ["fit", [2.7, 1.3, 4.1, { $float: "0.6" }]],
    ["sack", SACK],
    ["pack", PACK],
  ];
  expect(best.map(([name]) => name)).toEqual(SMALL_TASKS.map(({ task }) => task.name));
  for (const [at, { task: one, optimum }] of SMALL_TASKS.entries()) {
    await using runtime = await openRuntime(one, {});
    const score = await runtime.verifier.verify(best[at]?.[1] ?? null, { signal });
    expect(score.metrics["score"]).toBeCloseTo(optimum, 4);
  }
});

describe("the arms", () => {
  test("a notebook counts replies, cells, and replies of which nothing was run", async () => {
    const code = { id: "a", tool: "run_code", arguments: { source: AT_PEAK } };
    const model = scriptedModel([
      { text: "Hm.", calls: [] },
      { calls: [code] },
      { calls: [] },
      { calls: [] },
    ]);
    const played = await playNotebook(model, "lean", await play());
    expect(played).toMatchObject({
      improved: true,
      replies: 4,
      cells: 1,
      wasted: 3,
      usage: { outputTokens: 40 },
    });
    expect(played.score).toBeCloseTo(2.477, 2);
  });

  test("a reply that closes the round is not wasted", async () => {
    const close = { id: "a", tool: "finish_round", arguments: { summary: "Nothing was better." } };
    // The tokens of two replies: with more of them, another round would begin.
    const options = { ...(await play()), tokens: 220 };
    const played = await playNotebook(scriptedModel([{ calls: [] }, { calls: [close] }]), "lean", options);
    expect(played).toMatchObject({ improved: false, replies: 2, cells: 0, wasted: 1 });
  });

  test("files are run in fresh kernels; with feedback the best and the last failure are shown", async () => {
    const fence = (source: string) => ({ text: `\`\`\`python\n${source}\n\`\`\`` });
    const model = scriptedModel([
      fence(`left = 1\n${AT_PEAK}`),
      fence("submission = [left, left]"),
      { text: "No idea." },
      fence("submission = [0.0, 0.0]"),
    ]);
    const played = await playFiles(model, true, await play());
    expect(played).toMatchObject({ improved: true, replies: 4, cells: 3, wasted: 1 });
    expect(played.score).toBeCloseTo(2.477, 2);
    const third = model.requests[2]?.messages.map((message) => contentOf(message).text).join("\n");
    expect(third).toContain("left = 1");
    expect(third).toContain("NameError");
    const alone = scriptedModel([fence(AT_PEAK), fence(AT_PEAK), fence(AT_PEAK), fence(AT_PEAK)]);
    await playFiles(alone, false, await play());
    const texts = alone.requests.map(({ messages }) => JSON.stringify(messages));
    expect(new Set(texts).size).toBe(1);
    expect(new Set(alone.requests.map(({ seed }) => seed)).size).toBe(4);
  });
});

test("ranks are by task and seed in the task's own direction; no score is last, equal scores share", () => {
  const base = {
    improved: true,
    replies: 2,
    cells: 1,
    wasted: 1,
    usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, costUsd: null },
    seconds: 1,
  };
  const of = (arm: string, task: string, score: number | null): HarnessPlay => ({
    ...base,
    arm,
    task,
    seed: 1,
    score,
  });
  const plays = [
    of("a", "up", 2),
    of("b", "up", 1),
    of("c", "up", null),
    of("a", "down", 2),
    of("b", "down", 1),
    of("c", "down", 1),
  ];
  const facts = [
    { name: "up", direction: "maximize", first: 0, optimum: 3 },
    { name: "down", direction: "minimize", first: 5, optimum: 0 },
  ] as const;
  const { arms, differences } = summarisePlays(plays, facts, ["a", "b", "c"]);
  expect(arms.map(({ rank }) => rank)).toEqual([2, 1.75, 2.25]);
  expect(arms[2]).toMatchObject({ valid: 0.5, wasted: 0.5 });
  expect(differences[0]).toMatchObject({ arm: "a", against: "b", mean: 0.25 });
});
