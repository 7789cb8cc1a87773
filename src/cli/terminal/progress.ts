// Owns: the progress of a run in words, derived from its events. Pure: it writes nothing.
import type { Run } from "../../core/run/run.ts";
import type { Proposal, ProposalId, RunEvent, Score } from "../../contracts/index.ts";

/** What an open episode is doing now. */
export interface Activity {
  readonly proposal: Proposal;
  readonly doing: string;
  /** When it began that, in milliseconds on the caller's clock. */
  readonly since: number;
}

export interface RunProgress {
  readonly activities: ReadonlyMap<ProposalId, Activity>;
  readonly best: number | null;
}

export const noProgress: RunProgress = { activities: new Map(), best: null };

/** The progress after an event, and a line that stays on the screen, if any. */
export function followEvent(
  progress: RunProgress,
  event: RunEvent,
  now: number,
): { readonly progress: RunProgress; readonly line: string | null } {
  switch (event.type) {
    case "run-started": {
      const { score } = event.founder;
      return { progress: { ...progress, best: score.fitness }, line: `founder b0: ${shortScore(score)}` };
    }
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
      return followEpisodeEnd(progress, event);
    case "proposal-told":
      return { progress, line: null };
    case "branch-reproduced":
      return { progress, line: event.reproduction.survives ? null : describeRefutation(event) };
    case "run-stopped":
      return { progress, line: null };
    case "steered":
      return { progress, line: `steered, ${describeNote(event)}` };
    case "paused":
      return { progress, line: "paused: open episodes end, and none begins; nbevolve unpause goes on" };
    case "unpaused":
      return { progress, line: "unpaused" };
  }
}

/** One line of totals: episodes, rate, tokens, cost, elapsed. */
export function totalsText(run: Run, proposals: number, seconds: number, session: number): string {
  const { inputTokens, outputTokens, costUsd } = run.usage;
  const tokens = inputTokens + outputTokens;
  return [
    `${run.told}/${proposals} episodes`,
    ...(run.failures > 0 ? [`${run.failures} failed`] : []),
    ...(seconds > 5 && session > 0 ? [`${((session * 60) / seconds).toFixed(1)} a minute`] : []),
    ...(tokens > 0 ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(costUsd !== null && costUsd > 0 ? [`$${costUsd.toFixed(4)}`] : []),
    clockText(seconds),
  ].join(" · ");
}

export function clockText(seconds: number): string {
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

function followEpisodeEnd(progress: RunProgress, { outcome }: Extract<RunEvent, { type: "episode-ended" }>) {
  const activities = new Map(progress.activities);
  activities.delete(outcome.proposal.id);
  const move = describeMove(outcome.proposal);
  if (!outcome.ok) {
    const { boundary, message } = outcome.failure;
    return {
      progress: { ...progress, activities },
      line: `${outcome.proposal.id} ${move}: failed (${boundary}): ${firstLine(message)}`,
    };
  }
  const { branch } = outcome;
  const better = progress.best === null || branch.score.fitness > progress.best;
  const best = better ? branch.score.fitness : progress.best;
  const line = `${branch.id} ${move}: ${shortScore(branch.score)}${better ? "  <- best" : ""}`;
  return { progress: { activities, best }, line };
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
  return score.valid ? String(score.metrics["score"]) : `invalid (${firstLine(score.message)})`;
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}
