// Owns: a round on a task that declares no `problem`: the submission's numbers are changed at random, the verifier
// is asked, and what scores better is kept. Honest hill climbing, and slow: one verifier call a step.
import { randomAt } from "../../core/random.ts";
import { act, finish, runCode, type Action, type Situation, type CallDraft } from "./action.ts";
import { lastLine, sourceOf, type Exchange } from "./conversation.ts";
import { NO_PROBLEM } from "./memory.ts";
import { nudgeTools } from "./python-source.ts";

const TOOLS = nudgeTools();
const BEGIN = "kept = submission";
const TRIAL = "submission = nudged(kept, ";
const KEEP = "submission = kept = nudged(kept, ";
const TRIALS_A_TURN = 4;
const TURNS_OF_TRIALS = 2;
const SCORE: CallDraft = { tool: "score", arguments: {} };
const ADVICE =
  "If the task's setup declared `problem` (see the guide on searchable problems), I could search properly.";

/** What the round's calls amount to. Scores are higher for the better. */
interface Progress {
  readonly begun: boolean;
  /** The score of what is kept; null when it has none. */
  readonly kept: number | null;
  /** The best trial since, if it beats that: its arguments of `nudged`. */
  readonly winner: { readonly args: string; readonly score: number } | null;
  readonly trials: number;
}

/** The next step of the round, after it was found that there is no `problem`. */
export function nudgeAction(situation: Situation): Action {
  const { exchanges, text } = situation;
  const progress = progressOf(exchanges, /\bminimi[sz]e the score\b/i.test(text) ? -1 : 1);
  if (!progress.begun) return act(begin(text), SCORE);
  if (exchanges.some((exchange) => isBegin(exchange) && exchange.isError))
    return act(closeNudging(situation));
  if (progress.winner !== null) return act(keep(progress.winner.args));
  if (progress.trials < TRIALS_A_TURN * TURNS_OF_TRIALS) return act(...trials(situation));
  return act(closeNudging(situation));
}

/** The last line that names an error; a traceback's excerpt may follow it. */
function whatWasRaised(text: string): string {
  return text.split("\n").findLast((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lastLine(text);
}

/** The closing call. What nothing kept needs is dropped. */
export function closeNudging({ exchanges }: Situation): CallDraft {
  const failed = exchanges.find((exchange) => isBegin(exchange) && exchange.isError);
  const trials = exchanges.filter((exchange) => sourceOf(exchange).startsWith(TRIAL));
  const kept = exchanges.filter((exchange) => sourceOf(exchange).startsWith(KEEP) && !exchange.isError);
  const told =
    failed === undefined
      ? `Changed the submission's numbers at random ${trials.length} times and asked the verifier each time; kept ${kept.length} of the changes.`
      : `The submission cannot be changed without knowing the task: ${whatWasRaised(failed.text)}.`;
  const needless = exchanges.filter(
    (exchange) => !kept.includes(exchange) && (kept.length === 0 || !isBegin(exchange)),
  );
  return finish(
    `${NO_PROBLEM}\n${told} ${ADVICE}`,
    needless.map(({ cell }) => cell),
  );
}

function progressOf(exchanges: readonly Exchange[], sign: 1 | -1): Progress {
  const none: Progress = { begun: false, kept: null, winner: null, trials: 0 };
  return exchanges.reduce((progress, exchange, at) => {
    const source = sourceOf(exchange);
    if (isBegin(exchange)) return { ...progress, begun: true, kept: scoreIn(exchanges[at + 1], sign) };
    if (source.startsWith(KEEP)) return kept(progress, exchange.isError);
    if (!source.startsWith(TRIAL)) return progress;
    const score = exchange.isError ? null : scoreIn(exchanges[at + 1], sign);
    return tried(progress, source.slice(TRIAL.length), score);
  }, none);
}

function kept(progress: Progress, failed: boolean): Progress {
  if (failed || progress.winner === null) return { ...progress, winner: null };
  return { ...progress, kept: progress.winner.score, winner: null };
}

function tried(progress: Progress, args: string, score: number | null): Progress {
  const best = progress.winner?.score ?? progress.kept ?? -Infinity;
  const winner = score !== null && score > best ? { args, score } : progress.winner;
  return { ...progress, trials: progress.trials + 1, winner };
}

function begin(text: string): CallDraft {
  if (text.includes("def nudged(")) return runCode(BEGIN, "remember the best submission");
  return runCode(TOOLS, "offline nudge tools: change numbers at random");
}

/** Changes to try, each scored; their size is anything from a third to a ten-thousandth of the numbers' spread. */
function trials({ seed }: Situation): readonly CallDraft[] {
  const random = randomAt(seed, "nudges");
  const scored = Array.from({ length: TRIALS_A_TURN }, () => {
    const scale = 0.3 * 10 ** (-3.5 * random.next());
    const args = `seed=${random.int(1_000_000)}, scale=${scale.toPrecision(2)})`;
    return [runCode(TRIAL + args, "try a change"), SCORE];
  });
  return [...scored.flat(), runCode("submission = kept", "back to the best submission")];
}

function keep(args: string): CallDraft {
  return runCode(KEEP + args, "keep the change that scored best");
}

function scoreIn(exchange: Exchange | undefined, sign: 1 | -1): number | null {
  if (exchange?.call.tool !== "score") return null;
  const found = /^score: (-?\d\S*)/m.exec(exchange.text);
  return found === null ? null : sign * Number(found[1]);
}

function isBegin(exchange: Exchange): boolean {
  const source = sourceOf(exchange);
  return source === TOOLS || source === BEGIN;
}
