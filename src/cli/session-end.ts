// Owns: what is told at the end of a session: what it came to, or why it ended early, and how to go on.
import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { messageOf, RunError, type WrongWord } from "../core/errors.ts";
import { ownProposals } from "../core/run/counts.ts";
import { isPartFailure } from "../core/own-part.ts";
import { pathWord, writeCommand } from "../core/shell-words.ts";
import type { Score, Task } from "../contracts/index.ts";
import { scoreText } from "../environment/score-text.ts";
import {
  besideBestKnown,
  bestKnownFacts,
  showNumber,
  showOtherMetrics,
  type RunBranch,
} from "../history/index.ts";
import type { SubmissionVerdicts } from "../run/checks/verdicts.ts";
import type { Budget } from "../loop/budget.ts";
import type { RunResult } from "../run/result.ts";
import type { RunHandle } from "../run/run-options.ts";
import { leaveStopNote } from "../store/index.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { budgetTexts } from "./flags/run-limits.ts";
import { INTERRUPTED, type Interruption } from "./interrupts.ts";
import { noticesText, usageText } from "./terminal/run-facts.ts";
import { isErrorStreamLost, print, printError, printJson } from "./terminal/screen.ts";

/** Why the run stopped, in words: which limit, and how much of it. */
export function whyStopped({
  state,
  before,
  budget,
  budgetSeconds,
}: Pick<RunHandle, "state" | "before" | "budget" | "budgetSeconds">): string {
  if (state === null || state.stopped === null) return "stopped before its end";
  if (state.stopped === "target") return "the target is reached";
  if (state.stopped === "asked") return "stopped on request";
  if (state.stopped === "exhausted") return "the strategy has nothing more to propose";
  const own = ownProposals(state);
  const asked = budget?.proposals ?? own;
  if (own < asked) return `a limit is reached: ${budgetTexts(state, budget, budgetSeconds).join(", ")}`;
  if (before !== null && ownProposals(before) > asked)
    return `${countText(own, "proposal")} had been made already, and ${asked} in all were asked for`;
  return own === 1 ? "its 1 proposal was used" : `all ${own} proposals were used`;
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What goes on otherwise than this session did. */
export interface GoOnChanges {
  /** In all, in place of what was asked for. */
  readonly proposals?: number;
  /** A word of the model's flags that is to be another. */
  readonly wrongWord?: WrongWord | null;
}

/** The command that goes on as this session did. */
export type GoOn = (dir: string, changes?: GoOnChanges) => string;

/** Why a run stopped. `total`: how many proposals the run may make. */
interface SessionEnd {
  readonly why: string;
  readonly total: number;
  readonly goOn: GoOn;
  readonly task: Task | null;
}

/** Prints what the session came to. */
export function report(
  result: RunResult,
  verdicts: SubmissionVerdicts | null,
  json: boolean,
  { why, total, goOn, task }: SessionEnd,
): void {
  if (json) {
    const holdout = verdicts?.holdout ?? undefined;
    const bestKnown = task === null || result.best === null ? null : bestKnownFacts(task, result.best.score);
    printJson({ ...result, bestKnown, holdout });
    return;
  }
  const { best, dir } = result;
  const injected = result.injected === 0 ? "" : ` (${result.injected} injected)`;
  const own = ownProposals(result);
  const lines = [
    `${countText(result.episodes, "episode")}${injected}, ${result.failures} failed, ${result.seconds.toFixed(0)} s; ${why}`,
    ...(result.withoutCells === 0 ? [] : [withoutCellsText(result)]),
    ...(result.usage.inputTokens > 0 ? [usageText(result.usage)] : []),
    ...(Object.keys(result.notices).length === 0 ? [] : [`model: ${noticesText(result.notices)}`]),
    ...(best === null ? [] : bestTexts(best, task)),
    ...result.refuted.map(({ branch, reason }) => `${branch} scored more, but was not reproduced: ${reason}`),
    ...(best === null || verdicts === null ? [] : verdictTexts(best.metrics, verdicts.verdict)),
    ...(verdicts?.holdout ? [`holdout: ${scoreText(verdicts.holdout)}`] : []),
    `best notebook, for JupyterLab or any other viewer:  ${shownPath(dir)}/best.ipynb`,
    result.stopped === "target"
      ? `go on, beyond the target:  ${goOn(shownPath(dir))} --target none`
      : own < total
        ? `go on, to its ${total} proposals:  ${goOn(shownPath(dir))}`
        : `go on, to twice as many proposals in all:  ${goOn(shownPath(dir), { proposals: 2 * own })}`,
  ];
  print(lines.join("\n"));
}

function withoutCellsText({ withoutCells, episodes }: RunResult): string {
  return `${withoutCells} of ${countText(episodes, "episode")} ran no cell: try npx nbevolve models check, which says what the model lacks`;
}

const REPRODUCED: Readonly<Record<string, string>> = { true: "; reproduced", null: "; not reproduced yet" };

/** The score, beside the best known; below it the verifier's other metrics. */
function bestTexts({ branch, score, metrics, reproduced }: RunBranch, task: Task | null): readonly string[] {
  const more = showOtherMetrics(metrics);
  return [
    `best ${branch}: score ${showNumber(score)}${besideBestKnown(task, score)}${REPRODUCED[String(reproduced)] ?? ""}`,
    ...(more === "" ? [] : [`  ${more}`]),
  ];
}

/** Nothing where the verifier says once more what it said. */
function verdictTexts(metrics: Readonly<Record<string, number>>, verdict: Score): readonly string[] {
  if (verdict.valid && isDeepStrictEqual(verdict.metrics, metrics) && verdict.message === "") return [];
  return [`verdict of the verifier on its submission: ${scoreText(verdict)}`];
}

/** Every episode failed, or ran no cell: a script must see that in the exit code. */
export function nothingWorked({ episodes, failures, withoutCells }: RunResult): boolean {
  return episodes > 0 && failures + withoutCells === episodes;
}

export function missedTarget(result: RunResult, budget: Budget | null): boolean {
  return (
    budget !== null && budget.targetFitness !== null && result.best !== null && result.stopped !== "target"
  );
}

/**
 * Tells why a session did not come to its end. `dir`: the run directory; null: nothing is kept. Where nobody may be left to
 * read it, the directory keeps the same words. Gives the exit code.
 */
export async function explainEnd(
  error: unknown,
  interruption: Interruption | null,
  dir: string | null,
  goOn: GoOn,
): Promise<number> {
  const wrongWord = error instanceof RunError ? error.wrongWord : null;
  const lines = endLines(error, interruption, dir, (path) => goOn(shownPath(path), { wrongWord }));
  for (const line of lines) printError(line);
  if (interruption === null && process.env["NBEVOLVE_DEBUG"] && error instanceof Error)
    printError(`${error.stack}`);
  if (dir !== null && (interruption === "SIGHUP" || isErrorStreamLost())) {
    const here = writeCommand(["cd", pathWord(process.cwd())]);
    const words = endLines(error, interruption, dir, (path) => `${here} && ${goOn(path, { wrongWord })}`);
    await leaveStopNote(dir, words.join("\n"));
  }
  return interruption === null ? exitCodeOf(error) : INTERRUPTED[interruption];
}

function endLines(
  error: unknown,
  interruption: Interruption | null,
  dir: string | null,
  goOn: GoOn,
): readonly string[] {
  if (interruption !== null && dir === null)
    return ["Interrupted before anything was finished; nothing is kept."];
  if (interruption !== null && dir !== null) {
    const why = interruption === "SIGHUP" ? "The terminal was closed" : "Interrupted";
    return [`${why}; everything finished is kept.  Go on with: ${goOn(dir)}`];
  }
  const isMended = isPartFailure(error) || (error instanceof RunError && error.code.startsWith("model-"));
  const next = dir !== null && isMended ? [`Nothing is lost; go on with: ${goOn(dir)}`] : [];
  return [`nbevolve: ${messageOf(error)}`, ...next];
}

/** As short as it can be for who reads it here, and as a word of a command. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") || near === "" ? path : pathWord(near);
}
