// Owns: the arms in which a model plays a notebook with a live kernel: one proposal, one round, under one of the harnesses.
import { join } from "node:path";
import { readSteps } from "../../src/history/index.ts";
import { startRun } from "../../src/run/start-run.ts";
import { openRunStore } from "../../src/store/index.ts";
import { tournament } from "../../strategies/index.ts";
import type { Harness, LanguageModel } from "../../src/contracts/index.ts";
import { isBetter, ownScore, type Played, type PlayOptions } from "./play.ts";

/** More than any play takes: the tokens end it. */
const MANY = 100;

/** Plays one round; a run that stops because no reply came counts with what it had. */
export async function playNotebook(
  model: LanguageModel,
  harness: Harness,
  { task, seed, tokens, dir, signal }: PlayOptions,
): Promise<Played> {
  const limits = {
    ...task.limits,
    ...{ tokensPerEpisode: tokens, turnsPerRound: MANY, callsPerRound: MANY, roundTimeoutMs: 24 * 3_600_000 },
  };
  const runDir = join(dir, "run");
  const began = Date.now();
  const { best } = await startRun({
    ...{ task: { ...task, limits }, model, harness, seed, dir: runDir, signal },
    ...{ strategy: tournament(), proposals: 1, parallel: 1, reproduce: "none" },
  }).done;
  const seconds = (Date.now() - began) / 1000;
  await using store = await openRunStore(runDir, { mode: "read" });
  const played = { replies: 0, cells: 0, wasted: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  let first: number | null = null;
  for await (const { event } of readSteps(store)) {
    if (event.type === "run-started") first = ownScore(event.founder.score);
    if (event.type === "turn-ended") {
      played.replies += 1;
      played.inputTokens += event.usage.inputTokens;
      played.cachedTokens += event.usage.cachedTokens;
      played.outputTokens += event.usage.outputTokens;
    }
    if (event.type === "calls-ended") {
      played.cells += event.cells ?? 0;
      const isPlan = harness === "full" && event.turn === 1;
      if ((event.cells ?? 0) === 0 && !isPlan) played.wasted += 1;
    }
  }
  const score = best?.metrics["score"] ?? null;
  return { ...played, score, improved: isBetter(task, score, first), seconds };
}
