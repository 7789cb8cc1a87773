// Owns: a round on a task that declares no `problem`: change the submission's numbers at random and keep what scores better.
// Honest hill climbing, and slow: each step asks the verifier once.
import { randomAt } from "../../core/random.ts";
import { lastLineOf, sourceOf, type AnsweredCall, type Situation } from "./conversation.ts";
import { NO_PROBLEM } from "./memory.ts";
import { nudgeTools } from "./python-source.ts";
import { draftClosing, draftRunCode, planCalls, type CallDraft, type ReplyPlan } from "./reply-plan.ts";

const TOOLS = nudgeTools();
const BEGIN = "kept = submission";
const TRIAL = "submission = nudged(kept, ";
const KEEP = "submission = kept = nudged(kept, ";
const TRIALS_A_TURN = 4;
const TURNS_OF_TRIALS = 2;
const SCORE: CallDraft = { tool: "score", arguments: {} };
const ADVICE =
  "If the task's setup declared `problem` (see the guide on searchable problems), I could search properly.";

/** What the calls of the round have led to. Scores are signed so that higher is better. */
interface NudgeProgress {
  readonly hasBegun: boolean;
  /** The score of what is kept; null when it has none. */
  readonly kept: number | null;
  /** The best trial that beats it, with its arguments of `nudged`; null when there is none. */
  readonly winner: { readonly args: string; readonly score: number } | null;
  readonly trials: number;
}

/** The next turn of the round, once it is known that there is no `problem`. */
export function planNudgeTurn(situation: Situation): ReplyPlan {
  const { calls, text, seed } = situation;
  const progress = progressOf(calls, /\bminimi[sz]e the score\b/i.test(text) ? -1 : 1);
  if (!progress.hasBegun) return planCalls(draftBeginning(text), SCORE);
  if (calls.some((call) => isBeginning(call) && call.isError)) return planCalls(draftNudgeClosing(situation));
  if (progress.winner !== null) return planCalls(draftKeeping(progress.winner.args));
  if (progress.trials < TRIALS_A_TURN * TURNS_OF_TRIALS) return planCalls(...draftTrials(seed));
  return planCalls(draftNudgeClosing(situation));
}

/** The closing call. Cells that nothing kept needs are dropped. */
export function draftNudgeClosing({ calls, closingTool }: Situation): CallDraft {
  const failed = calls.find((call) => isBeginning(call) && call.isError);
  const trials = calls.filter((call) => sourceOf(call).startsWith(TRIAL));
  const kept = calls.filter((call) => sourceOf(call).startsWith(KEEP) && !call.isError);
  const outcome =
    failed === undefined
      ? `Changed the submission's numbers at random ${trials.length} times and asked the verifier each time; kept ${kept.length} of the changes.`
      : `The submission cannot be changed without knowing the task: ${findError(failed.text)}.`;
  const needless = calls.filter((call) => !kept.includes(call) && (kept.length === 0 || !isBeginning(call)));
  return draftClosing(
    closingTool,
    `${NO_PROBLEM}\n${outcome} ${ADVICE}`,
    needless.map(({ cell }) => cell),
  );
}

/** The last line that names an error, which an excerpt of a traceback may follow. */
function findError(text: string): string {
  return text.split("\n").findLast((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lastLineOf(text);
}

function progressOf(calls: readonly AnsweredCall[], sign: 1 | -1): NudgeProgress {
  const none: NudgeProgress = { hasBegun: false, kept: null, winner: null, trials: 0 };
  return calls.reduce((progress, call, at) => {
    const source = sourceOf(call);
    const readScore = (): number | null => scoreOf(calls[at + 1], sign);
    if (isBeginning(call)) return { ...progress, hasBegun: true, kept: readScore() };
    if (source.startsWith(KEEP)) return addKept(progress, call.isError);
    if (!source.startsWith(TRIAL)) return progress;
    return addTrial(progress, source.slice(TRIAL.length), call.isError ? null : readScore());
  }, none);
}

function addKept(progress: NudgeProgress, hasFailed: boolean): NudgeProgress {
  if (hasFailed || progress.winner === null) return { ...progress, winner: null };
  return { ...progress, kept: progress.winner.score, winner: null };
}

function addTrial(progress: NudgeProgress, args: string, score: number | null): NudgeProgress {
  const best = progress.winner?.score ?? progress.kept ?? -Infinity;
  const winner = score !== null && score > best ? { args, score } : progress.winner;
  return { ...progress, trials: progress.trials + 1, winner };
}

function draftBeginning(text: string): CallDraft {
  if (text.includes("def nudged(")) return draftRunCode(BEGIN, "remember the best submission");
  return draftRunCode(TOOLS, "offline nudge tools: change numbers at random");
}

/** Changes to try, each scored. Their size is between a third and a ten-thousandth of the spread of the numbers. */
function draftTrials(seed: number): readonly CallDraft[] {
  const random = randomAt(seed, "nudges");
  const scored = Array.from({ length: TRIALS_A_TURN }, () => {
    const scale = 0.3 * 10 ** (-3.5 * random.next());
    const args = `seed=${random.int(1_000_000)}, scale=${scale.toPrecision(2)})`;
    return [draftRunCode(TRIAL + args, "try a change"), SCORE];
  });
  return [...scored.flat(), draftRunCode("submission = kept", "back to the best submission")];
}

function draftKeeping(args: string): CallDraft {
  return draftRunCode(KEEP + args, "keep the change that scored best");
}

function scoreOf(call: AnsweredCall | undefined, sign: 1 | -1): number | null {
  if (call?.call.tool !== "score") return null;
  const match = /^score: (-?\d\S*)/m.exec(call.text);
  return match === null ? null : sign * Number(match[1]);
}

function isBeginning(call: AnsweredCall): boolean {
  const source = sourceOf(call);
  return source === TOOLS || source === BEGIN;
}
