// Owns: the arms in which a model plays a notebook with a live kernel: one proposal, under one of the harnesses.
import { join } from "node:path";
import { readHistory } from "../../src/history/index.ts";
import { readJson } from "../../src/loop/json-blob.ts";
import { startRun } from "../../src/run/start-run.ts";
import { openRunStore, type RunStore } from "../../src/store/index.ts";
import { tournament } from "../../strategies/index.ts";
import type { Harness, LanguageModel, TurnRecord } from "../../src/contracts/index.ts";
import { isBetter, type Played, type PlayOptions } from "./play.ts";

/** More than any play takes: the tokens end it. */
const MANY = 100;

/** Plays rounds until the tokens are spent. An episode that fails leaves the founder's score. @throws RunError where no model can be asked. */
export async function playNotebook(
  model: LanguageModel,
  harness: Harness,
  { task, first, seed, tokens, dir, signal }: PlayOptions,
): Promise<Played> {
  const limits = {
    ...task.limits,
    ...{ tokensPerEpisode: tokens, turnsPerRound: MANY, callsPerRound: MANY, roundTimeoutMs: 24 * 3_600_000 },
  };
  const runDir = join(dir, "run");
  const began = performance.now();
  const { best } = await startRun({
    ...{ task: { ...task, limits }, model, harness, seed, dir: runDir, signal },
    ...{ strategy: tournament(), proposals: 1, rounds: MANY, parallel: 1, reproduce: "none" },
  }).done;
  const seconds = (performance.now() - began) / 1000;
  await using store = await openRunStore(runDir, { mode: "read" });
  const { usage, cells } = await readHistory(store);
  const score = best?.metrics["score"] ?? null;
  const counted = await countReplies(store, harness);
  return { ...counted, usage, cells, score, improved: isBetter(task, score, first), seconds };
}

async function countReplies(store: RunStore, harness: Harness): Promise<Pick<Played, "replies" | "wasted">> {
  let replies = 0;
  let wasted = 0;
  for await (const event of store.read(0)) {
    if (event.type === "turn-ended") replies += 1;
    if (event.type !== "calls-ended" || (event.cells ?? 0) > 0) continue;
    const { results } = await readJson<TurnRecord>(store, event.results);
    const isPlan = harness === "full" && event.turn === 1;
    if (!isPlan && !results.some(({ finished }) => finished === true)) wasted += 1;
  }
  return { replies, wasted };
}
