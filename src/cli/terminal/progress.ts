// Owns: the progress of a run in words, derived from its events. Pure: it writes nothing.
import { endedSince, episodesEnded } from "../../core/run/counts.ts";
import type { History } from "../../core/run/history.ts";
import { ranNoCell, reduceHistory } from "../../core/run/reduce-history.ts";
import type { Branch, Proposal, ProposalId, RunEvent, Score } from "../../contracts/index.ts";

import { isImprovement, ownScore, showNumber } from "../../history/index.ts";

/** What an open episode is doing now. */
export interface Activity {
  readonly proposal: Proposal;
  readonly doing: string;
  /** When it began that, in milliseconds on the caller's clock. */
  readonly since: number;
}

export interface RunProgress {
  readonly activities: ReadonlyMap<ProposalId, Activity>;
  /** The run up to the latest event; null before the first. */
  readonly history: History | null;
}

export const noProgress: RunProgress = { activities: new Map(), history: null };

/** The progress after an event, and a line that stays on the screen, if any. */
export function followEvent(
  before: RunProgress,
  event: RunEvent,
  now: number,
): { readonly progress: RunProgress; readonly line: string | null } {
  const history = reduceHistory(before.history, event);
  const progress: RunProgress = { ...before, history };
  switch (event.type) {
    case "run-started":
      return { progress, line: `founder b0: ${shortScore(event.founder.score)}` };
    case "proposal-made": {
      const activity = { proposal: event.proposal, doing: "restoring the kernel", since: now };
      const isFirst = event.proposal.number === 1;
      const line = isFirst
        ? `p1 ${describeMove(event.proposal)} has begun. It is the first; a line follows for each that ends`
        : null;
      return { progress: withActivity(progress, activity), line };
    }
    case "kernel-restored": {
      const { tier, durationMs } = event.restored;
      return setDoing(
        progress,
        event.proposal,
        `planning (kernel: ${tier}, ${(durationMs / 1000).toFixed(1)} s)`,
        now,
      );
    }
    case "turn-ended":
      return setDoing(progress, event.proposal, `turn ${event.turn}: running its calls`, now);
    case "call-decided":
      return followDecision(progress, event);
    case "calls-ended":
      return setDoing(progress, event.proposal, `turn ${event.turn + 1}: waiting for the model`, now);
    case "round-ended":
      return setDoing(progress, event.proposal, `round scored: ${shortScore(event.score)}`, now);
    case "episode-ended":
      return followEpisodeEnd(progress, event, history.best, before.history?.best ?? history.founder);
    case "proposal-told":
      return { progress, line: null };
    case "branch-reproduced":
      return { progress, line: event.reproduction.survives ? null : describeRefutation(event) };
    case "run-stopped":
      return { progress, line: null };
    case "steered":
      return { progress, line: `steered, ${describeNote(event)}` };
    case "paused":
      return { progress, line: "paused: open episodes end, and none begins" };
    case "unpaused":
      return { progress, line: "unpaused" };
  }
}

/** What a run is compared with for its totals. */
export interface SessionTotals {
  /** What earlier sessions left; null where there were none. */
  readonly before: History | null;
  /** How many proposals the run may make. */
  readonly asked: number;
  readonly seconds: number;
}

/** One line of totals: episodes, rate, tokens, cost, elapsed. */
export function totalsText(run: History, { before, asked, seconds }: SessionTotals): string {
  const { ended, all } = episodesEnded(run, asked);
  const since = endedSince(run, before);
  const { inputTokens, outputTokens, costUsd } = run.usage;
  const tokens = inputTokens + outputTokens;
  return [
    `${ended}/${all} episodes`,
    ...(run.failures > 0 ? [`${run.failures} failed`] : []),
    ...(seconds > 5 && since > 0 ? [`${((since * 60) / seconds).toFixed(1)} a minute`] : []),
    ...(tokens > 0 ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(costUsd !== null && costUsd > 0 ? [`$${costUsd.toFixed(4)}`] : []),
    clockText(seconds),
  ].join(" · ");
}

function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `improve b3`, `cross b3 + b5`, `inject`. */
export function describeMove({ operator, parents, notes = [], model }: Proposal): string {
  const steered = `${model === undefined ? "" : ` by ${model}`}${notes.length === 0 ? "" : " (steered)"}`;
  return `${[operator, ...(parents.length === 0 ? [] : [parents.join(" + ")])].join(" ")}${steered}`;
}

/** Which proposals a person's note is for, and its words. */
export function describeNote({
  note,
  branch,
  proposals,
}: Pick<Extract<RunEvent, { type: "steered" }>, "note" | "branch" | "proposals">): string {
  const many = proposals === 1 ? "the next proposal" : `the next ${proposals} proposals`;
  return `${many}${branch === null ? "" : ` below ${branch}`}: ${JSON.stringify(note)}`;
}

function followDecision(progress: RunProgress, event: Extract<RunEvent, { type: "call-decided" }>) {
  const { verdict, by, reason } = event.decision;
  const why = reason === "" ? "" : `: ${firstLine(reason)}`;
  const line = `${event.proposal} ${event.tool}: denied by the ${by}${why}`;
  return { progress, line: verdict === "deny" ? line : null };
}

function describeRefutation({
  branch,
  reproduction,
}: Extract<RunEvent, { type: "branch-reproduced" }>): string {
  return `${branch} cannot be the best: not reproduced: ${firstLine(reproduction.reason)}`;
}

function followEpisodeEnd(
  { activities: before, history }: RunProgress,
  { outcome }: Extract<RunEvent, { type: "episode-ended" }>,
  best: Branch,
  bestBefore: Branch,
) {
  const activities = new Map(before);
  activities.delete(outcome.proposal.id);
  const progress: RunProgress = { activities, history };
  const move = describeMove(outcome.proposal);
  if (!outcome.ok) {
    const { boundary, message } = outcome.failure;
    return { progress, line: `${outcome.proposal.id} ${move}: failed (${boundary}): ${firstLine(message)}` };
  }
  const { branch } = outcome;
  const ended = history?.ended.last();
  const idle = ended !== undefined && ranNoCell(ended) ? ", no cell was run" : "";
  const isBest = branch.id === best.id && isImprovement(best.score.fitness, bestBefore.score.fitness);
  const line = `${branch.id} ${move}: ${shortScore(branch.score)}${idle}${isBest ? "  <- best" : ""}`;
  return { progress, line };
}

function setDoing(progress: RunProgress, id: ProposalId, what: string, now: number) {
  const activity = progress.activities.get(id);
  if (activity === undefined) return { progress, line: null };
  return { progress: withActivity(progress, { ...activity, doing: what, since: now }), line: null };
}

function withActivity(progress: RunProgress, activity: Activity): RunProgress {
  return { ...progress, activities: new Map(progress.activities).set(activity.proposal.id, activity) };
}

function shortScore(score: Score): string {
  return score.valid ? showNumber(ownScore(score)) : `invalid (${firstLine(score.message)})`;
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}
