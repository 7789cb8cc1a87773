// Owns: turning what came out of a search's process into an Improvement. Trusts nothing in it, as with a verdict.
import { z } from "zod";
import type { Improvement, Json } from "../contracts/index.ts";
import { readForeignAnswer } from "../core/foreign-answer.ts";
import { cleanText } from "../core/untrusted.ts";
import type { JudgeOptions, JudgeRun } from "./judge-process.ts";
import { READY, whyStopped } from "./verdict.ts";

const NOTHING: Improvement = {
  ...{
    values: null,
    start: null,
    end: null,
    tries: 0,
    valid: 0,
    pace: 1,
    refused: 0,
    holds: [],
    ways: [],
    kept: "",
  },
  reason: "",
};

/** What the search found; one that could not be made, or whose answer cannot be read, found nothing, and says why. */
export function readImprovement(
  run: JudgeRun | string,
  limits: Pick<JudgeOptions, "timeoutMs" | "memoryMb">,
): Improvement {
  if (typeof run === "string") return { ...NOTHING, reason: run };
  const stopped = whyStopped(run, limits);
  if (stopped !== null) return { ...NOTHING, reason: stopped };
  const answer = readForeignAnswer(run.verdict.slice(READY.length), IMPROVEMENT, MOST);
  return answer.ok
    ? answer.value
    : { ...NOTHING, reason: `the search's answer cannot be read: ${answer.why}` };
}

const MOST = { chars: 1 << 20 };
const count = z.number().int().min(0);
const words = z
  .string()
  .max(1000)
  .transform((text) => cleanText(text));
const IMPROVEMENT = z.object({
  values: z.custom<Json>((value) => value !== undefined),
  start: z.number().nullable(),
  end: z.number().nullable(),
  ...{ tries: count, valid: count, pace: count.min(1), refused: count },
  reason: words,
  holds: z.array(z.enum(["floats", "wholes", "sequences"])).max(3),
  ways: z.array(words).max(10),
  kept: words,
});
