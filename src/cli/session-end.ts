// Owns: what is told at the end of a session: what it came to, or why it ended early, and how to go on.
import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { messageOf, RunError, type WrongWord } from "../core/errors.ts";
import { ownProposals } from "../core/run/counts.ts";
import { isPartFailure } from "../core/own-part.ts";
import { clipLine } from "../core/untrusted.ts";
import { ownCommand, pathWord, writeCommand } from "../core/shell-words.ts";
import type { Branch, Outcome, Score, Task } from "../contracts/index.ts";
import { scoreText } from "../environment/score-text.ts";
import {
  besideBestKnown,
  bestKnownFacts,
  type History,
  ownScore,
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
import { limitUses } from "./flags/run-limits.ts";
import { INTERRUPTED, type Interruption } from "./interrupts.ts";
import { groupByKey, noticesText, usageText } from "./terminal/run-facts.ts";
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
  if (own < asked) {
    const limits = limitUses(state, budget, budgetSeconds).map(({ text }) => text);
    return `a limit is reached: ${limits.join(", ")}`;
  }
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

/** The command that goes on as this session did. `dir` null: nothing is kept, so that it begins anew. */
export type GoOn = (dir: string | null, changes?: GoOnChanges) => string;

/** Why a run stopped. `total`: how many proposals the run may make. */
interface SessionEnd {
  readonly why: string;
  readonly total: number;
  readonly goOn: GoOn;
  readonly task: Task | null;
  readonly run: History | null;
}

/** Prints what the session came to. */
export function report(
  result: RunResult,
  verdicts: SubmissionVerdicts | null,
  json: boolean,
  { why, total, goOn, task, run }: SessionEnd,
): void {
  if (json) {
    const holdout = verdicts?.holdout ?? undefined;
    const bestKnown = task === null || result.best === null ? null : bestKnownFacts(task, result.best.score);
    printJson({ ...result, bestKnown, holdout });
    return;
  }
  const { best } = result;
  const injected = result.injected === 0 ? "" : ` (${result.injected} injected)`;
  const lines = [
    ...noneValidTexts(run?.ended.toArray().map(({ outcome }) => failureOf(outcome)) ?? []),
    ...(best === null
      ? []
      : bestTexts(best, { task, founder: run?.founder ?? null, verdict: verdicts?.verdict ?? null })),
    ...(verdicts?.holdout ? [`holdout: ${scoreText(verdicts.holdout)}`] : []),
    ...result.refuted.map(({ branch, reason }) => `${branch} scored more, but was not reproduced: ${reason}`),
    `${countText(result.episodes, "episode")}${injected}, ${result.failures} failed, ${result.seconds.toFixed(0)} s; ${why}`,
    ...(result.withoutCells === 0 ? [] : [withoutCellsText(result)]),
    ...(result.usage.inputTokens > 0 ? [usageText(result.usage)] : []),
    ...(Object.keys(result.notices).length === 0 ? [] : [`model: ${noticesText(result.notices)}`]),
    ...nextTexts(result, total, goOn),
  ];
  print(lines.join("\n"));
}

/** What can be done with the run now: where its best notebook is, how to have files of it, how to continue. */
export function nextTexts(
  { dir, stopped, ...counts }: Pick<RunResult, "dir" | "stopped" | "proposals" | "injected">,
  total: number,
  goOn: GoOn,
): readonly string[] {
  const own = ownProposals(counts);
  const path = shownPath(dir);
  return [
    `best notebook, for JupyterLab or any other viewer:  ${path}/best.ipynb`,
    `as files of yours:  ${ownCommand("export", path, "--best", "submission.json", "--best", "script.py")}`,
    stopped === "target"
      ? `to continue beyond the target:  ${goOn(path)} --target none`
      : own < total
        ? `to continue, up to its ${total} proposals:  ${goOn(path)}`
        : `to continue, up to ${2 * own} proposals in all:  ${goOn(path, { proposals: 2 * own })}`,
  ];
}

function withoutCellsText({ withoutCells, episodes }: RunResult): string {
  return `${withoutCells} of ${countText(episodes, "episode")} ran no cell: try ${ownCommand("models", "check")}, which says what the model lacks`;
}

/** Loud where every proposal failed: the commonest reason, of those that differ by no more than numbers. Null: it did not. */
export function noneValidTexts(failures: readonly (string | null)[]): readonly string[] {
  const reasons = failures.flatMap((failure) => (failure === null ? [] : [firstLineOf(failure)]));
  if (reasons.length === 0 || reasons.length < failures.length) return [];
  const alike = groupByKey(reasons.map((reason) => [reason.replaceAll(NUMBERS, "#"), reason]));
  const commonest = [...alike.values()].reduce((most, group) => (group.length > most.length ? group : most));
  const times = commonest.length === reasons.length ? "" : ` (${commonest.length} times)`;
  return [`0 of ${reasons.length} proposals were valid: ${commonest[0] ?? ""}${times}`];
}

const NUMBERS = /\d[\d.,e+-]*/g;

const failureOf = (outcome: Outcome): string | null => (outcome.ok ? null : outcome.failure.message);
const firstLineOf = (text: string): string => clipLine(text.split("\n", 1)[0] ?? "", 300);

interface BestContext {
  readonly task: Task | null;
  readonly founder: Pick<Branch, "id" | "score"> | null;
  /** What the verifier said of it once more, in the end; null where it was not asked. */
  readonly verdict: Score | null;
}

/** The score beside the best known, and how far it can be believed; below it the verifier's other metrics. */
export function bestTexts(
  { branch, score, metrics, reproduced }: Pick<RunBranch, "branch" | "score" | "metrics" | "reproduced">,
  { task, founder, verdict }: BestContext,
): readonly string[] {
  const more = showOtherMetrics(metrics);
  const isFounder = founder?.id === branch;
  const first = founder === null ? "" : `; the first notebook had ${showNumber(ownScore(founder.score))}`;
  const gain = isFounder ? "; no improvement on the first notebook" : first;
  return [
    `best ${branch}: score ${showNumber(score)}${besideBestKnown(task, score)}${gain}${trustText(metrics, reproduced, verdict)}`,
    ...(more === "" ? [] : [`  ${more}`]),
    ...(verdict?.valid === true && verdict.message !== "" ? [`  the verifier says: ${verdict.message}`] : []),
  ];
}

/** One clause: a verdict in the end that is another one outweighs what was reproduced before. */
function trustText(
  metrics: Readonly<Record<string, number>>,
  reproduced: boolean | null,
  verdict: Score | null,
): string {
  const held = reproduced === true ? "it was reproduced in the run, but " : "";
  if (verdict !== null && !verdict.valid)
    return `; ${held}judged once more in the end it is invalid: ${verdict.message}`;
  if (verdict !== null && !isDeepStrictEqual(verdict.metrics, metrics))
    return `; ${held}judged once more in the end it has ${scoreText(verdict)}`;
  if (reproduced === null) return "; not reproduced yet";
  return reproduced ? "; reproduced" : "";
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
  if (dir === null && interruption === null && wrongWord !== null && wrongWord.right !== null)
    lines.push(`Nothing had begun; start it again with: ${goOn(null, { wrongWord })}`);
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

/** What somebody can mend, and go on: a model, a server, a disk. */
const MENDED = /^(?:model-|kernel-unavailable$|verifier-unavailable$|disk-full$)/;

function endLines(
  error: unknown,
  interruption: Interruption | null,
  dir: string | null,
  goOn: (path: string) => string,
): string[] {
  if (interruption !== null && dir === null)
    return ["Interrupted before anything was finished; nothing is kept."];
  if (interruption !== null && dir !== null) {
    const why = interruption === "SIGHUP" ? "The terminal was closed" : "Interrupted";
    return [`${why}; everything finished is kept.  Go on with: ${goOn(dir)}`];
  }
  const isMended = isPartFailure(error) || (error instanceof RunError && MENDED.test(error.code));
  const next = dir !== null && isMended ? [`Nothing is lost; go on with: ${goOn(dir)}`] : [];
  return [`nbevolve: ${messageOf(error)}`, ...next];
}

/** As short as it can be for who reads it here, and as a word of a command. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") || near === "" ? path : pathWord(near);
}
