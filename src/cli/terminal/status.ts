// Owns: the status of a run under way: the best beside its goals, how far the run is, and what each open episode is at. Pure: it
// writes nothing and reads no clock.
import { endedSince, episodesEnded } from "../../core/run/counts.ts";
import type { History } from "../../core/run/history.ts";
import { tokensOf } from "../../core/run/usage.ts";
import {
  bestKnownOf,
  isImprovement,
  ownScore,
  showNumber,
  standingText,
  targetOfFitness,
  type Goal,
} from "../../history/index.ts";
import type { Budget } from "../../loop/budget.ts";
import type { AtWork } from "../../loop/at-work.ts";
import type { RunHandle } from "../../run/run-options.ts";
import type { Task } from "../../contracts/index.ts";
import { limitUses } from "../flags/run-limits.ts";
import { describeWork } from "./at-work-text.ts";
import { bar, fitMiddle, wrapParts } from "./layout.ts";
import { describeMove, plateauOf, type Activity, type RunProgress } from "./progress.ts";
import { costText } from "./run-facts.ts";
import { secondsLeft, timeLeftText, type SessionPace } from "./time-left.ts";

export interface RunStatus {
  readonly handle: Pick<RunHandle, "before" | "task" | "budget" | "budgetSeconds" | "atWork" | "reproducing">;
  /** What was shown of the run so far. */
  readonly progress: RunProgress;
  /** Seconds of this session. */
  readonly seconds: number;
  /** On the clock of the activities, in milliseconds. */
  readonly now: number;
  /** The command that goes on after a pause. */
  readonly unpause: string;
  /** What is done after the last event; null: nothing yet. */
  readonly after: string | null;
}

/** On fewer columns, lines say less. */
const WIDE_COLUMNS = 79;

/** The lines, for so many columns; without end where there is no terminal, and then without a bar. */
export function statusLines(status: RunStatus, columns: number): readonly string[] {
  const { handle, progress, seconds, now } = status;
  const run = shownRun(handle.before, progress.history);
  const sinceEnd = (now - progress.endedAt) / 1000;
  if (run === null) return [`starting, ${seconds.toFixed(0)} s`];
  return [
    ...wrapParts(bestParts(run, handle, plateauOf(progress)), columns),
    ...wrapParts(totalsParts(run, { handle, seconds, sinceEnd }, barColumns(columns)), columns),
    ...limitLines(run, handle),
    ...(run.paused ? [`  paused; go on with: ${status.unpause}`] : []),
    ...[...progress.activities.values()].map((activity) =>
      episodeLine(activity, handle.atWork.get(activity.proposal.id), now, columns),
    ),
    ...reproductionLines(handle, now),
    ...phaseLines(run, status),
  ];
}

/** The run as far as it was shown; what earlier sessions left is not shown again. */
function shownRun(before: History | null, history: History | null): History | null {
  return before !== null && (history === null || history.events < before.events) ? before : history;
}

/** What goes on where no episode is open: a view that stands still says why. */
function phaseLines(run: History, { handle, progress, after }: RunStatus): readonly string[] {
  if (after !== null) return [`  ${after}`];
  if (progress.activities.size > 0 || run.paused) return [];
  if (run.events === (handle.before?.events ?? 0)) return ["  starting"];
  return run.stopped === null ? [] : ["  the run is at its end: its kernels are being closed"];
}

/** The best, how it stands to each goal, and how long nothing was better. */
function bestParts(
  run: History,
  { task, budget }: Pick<RunHandle, "task" | "budget">,
  plateau: number,
): readonly string[] {
  const score = ownScore(run.best.score);
  const goals = task === null ? [] : goalsOf(task, budget?.targetFitness ?? null);
  return [
    `best ${run.best.id}: ${showNumber(score)}`,
    ...goals.map(([name, goal]) => standingText(score, goal, name)),
    ...(plateau > 0 ? [`no improvement for ${plateau} proposal${plateau === 1 ? "" : "s"}`] : []),
  ];
}

/** The best known score, and the run's target where that is another. */
function goalsOf(task: Task, targetFitness: number | null): readonly (readonly [name: string, goal: Goal])[] {
  const { direction, resolution = 0 } = task;
  const known = bestKnownOf(task);
  const target = targetFitness === null ? null : targetOfFitness(targetFitness, direction);
  const isSame = known !== null && target !== null && !isApart(target, known.value);
  return [
    ...(known === null ? [] : [["the best known", known] as const]),
    ...(target === null || isSame ? [] : [["the target", { value: target, direction, resolution }] as const]),
  ];
}

const isApart = (a: number, b: number): boolean => isImprovement(a, b) || isImprovement(b, a);

function barColumns(columns: number): number {
  if (columns === Infinity) return 0;
  return columns < WIDE_COLUMNS ? 10 : 20;
}

/** What a run is compared with for its totals. */
export interface SessionTotals {
  readonly handle: Pick<RunHandle, "before" | "budget" | "budgetSeconds">;
  readonly seconds: number;
  /** Seconds since an episode ended. */
  readonly sinceEnd: number;
}

/** Episodes, the time left, rate, tokens, cost, elapsed. */
export function totalsParts(
  run: History,
  { handle, seconds, sinceEnd }: SessionTotals,
  barWidth: number,
): readonly string[] {
  const { before, budget, budgetSeconds } = handle;
  const { ended, all } = episodesEnded(run, budget?.proposals ?? 0);
  const since = endedSince(run, before);
  const { costUsd } = run.usage;
  const tokens = tokensOf(run.usage);
  const isOver = run.stopped !== null || run.paused || ended >= all;
  const share = budget === null ? 0 : shareUsed(run, budget, budgetSeconds, ended / all);
  const shown = barWidth > 0 ? `${bar(share, barWidth)} ` : "";
  return [
    `${shown}${ended}${all < UNCOUNTED ? `/${all}` : ""} proposals`,
    ...(budget === null || isOver
      ? []
      : [leftText(run, { before, budget, seconds: budgetSeconds, sinceEnd })]),
    ...(run.failures > 0 ? [`${run.failures} failed`] : []),
    ...(seconds > 5 && since > 0 ? [`${((since * 60) / seconds).toFixed(1)} a minute`] : []),
    ...(tokens > 0 ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(costUsd !== null && costUsd > 0 ? [costText(costUsd)] : []),
    clockText(seconds),
  ];
}

/** How long it may take yet; with the target reached, what it waits for. */
function leftText(run: History, pace: SessionPace): string {
  const { targetFitness } = pace.budget;
  return targetFitness !== null && run.best.score.fitness >= targetFitness
    ? "the target is reached: what has begun is finished"
    : timeLeftText(secondsLeft(run, pace), pace.budget);
}

/** As many proposals as nobody asks for: something else is what ends such a run. */
const UNCOUNTED = 100_000;

/** How much is used of the limit that is nearest to its end. */
function shareUsed(run: History, budget: Budget, seconds: number, ofProposals: number): number {
  const shares = limitUses(run, budget, seconds).map(({ used, most }) => used / most);
  return Math.max(ofProposals, ...shares.filter(Number.isFinite));
}

function limitLines(
  run: History,
  { budget, budgetSeconds }: Pick<RunHandle, "budget" | "budgetSeconds">,
): readonly string[] {
  const used = limitUses(run, budget, budgetSeconds);
  return used.length === 0 ? [] : [`  budget: ${used.map(({ text }) => text).join(" · ")}`];
}

/** `12:05`: minutes and seconds. */
export function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function episodeLine(
  { proposal, turn, doing, since }: Activity,
  work: AtWork | undefined,
  now: number,
  columns: number,
): string {
  const at = work === undefined ? { doing, soFar: "" } : describeWork(work);
  const seconds = Math.max(0, Math.round((now - (work?.since ?? since)) / 1000));
  const isNarrow = columns < WIDE_COLUMNS;
  const soFar = at.soFar === "" ? "" : `${at.soFar}${isNarrow ? "" : " so far"}, `;
  const head = `  ${proposal.id} ${describeMove(proposal)}: ${isNarrow ? "" : turn}`;
  return fitMiddle(head, at.doing, `${soFar}${seconds} s`, Math.min(columns, MOST_COLUMNS));
}

/** A line of code may be longer than anyone reads. */
const MOST_COLUMNS = 160;

function reproductionLines({ reproducing }: Pick<RunHandle, "reproducing">, now: number): readonly string[] {
  if (reproducing === null) return [];
  const { branch, since } = reproducing;
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  return [`  ${branch} is reproduced, from top to bottom in a fresh kernel: ${seconds} s`];
}
