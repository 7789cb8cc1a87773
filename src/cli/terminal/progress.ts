// Owns: what people are told about a run, derived from its events. Pure: writing is somebody else's.
import type { Run } from "../../core/run/run.ts";
import type { Proposal, ProposalId, RunEvent, Score } from "../../contracts/index.ts";

/** What an open episode does now. */
export interface Activity {
  readonly proposal: Proposal;
  readonly doing: string;
  /** Milliseconds on the caller's clock when it began doing that. */
  readonly since: number;
}

export interface Progress {
  readonly activities: ReadonlyMap<ProposalId, Activity>;
  readonly best: number | null;
}

export const noProgress: Progress = { activities: new Map(), best: null };

/** The progress after an event, and a line worth keeping, if any. */
export function follow(
  progress: Progress,
  event: RunEvent,
  now: number,
): { readonly progress: Progress; readonly line: string | null } {
  switch (event.type) {
    case "run-started": {
      const { score } = event.founder;
      return { progress: { ...progress, best: score.fitness }, line: `founder b0: ${shown(score)}` };
    }
    case "proposal-made": {
      const activity = { proposal: event.proposal, doing: "restoring the kernel", since: now };
      const isFirst = event.proposal.number === 1;
      const line = isFirst
        ? `p1 ${describeMove(event.proposal)}: begun, the first; a line follows for each that is finished`
        : null;
      return { progress: withActivity(progress, activity), line };
    }
    case "kernel-restored": {
      const { tier, durationMs } = event.restored;
      return doing(
        progress,
        event.proposal,
        `planning (kernel: ${tier}, ${(durationMs / 1000).toFixed(1)} s)`,
        now,
      );
    }
    case "turn-ended":
      return doing(progress, event.proposal, `turn ${event.turn}: running its calls`, now);
    case "call-decided":
      return decided(progress, event);
    case "calls-ended":
      return doing(progress, event.proposal, `turn ${event.turn + 1}: waiting for the model`, now);
    case "round-ended":
      return doing(progress, event.proposal, `round scored: ${shown(event.score)}`, now);
    case "episode-ended":
      return ended(progress, event);
    case "proposal-told":
      return { progress, line: null };
    case "branch-reproduced":
      return { progress, line: event.reproduction.survives ? null : refuted(event) };
    case "run-stopped":
      return { progress, line: null };
    case "steered":
      return { progress, line: `steered, ${describeNote(event)}` };
    case "paused":
      return { progress, line: "paused: open episodes end, none begins; nbevolve unpause goes on" };
    case "unpaused":
      return { progress, line: "unpaused" };
  }
}

/** One line of totals: episodes, rate, tokens, cost, elapsed. */
export function totals(run: Run, proposals: number, seconds: number, session: number): string {
  const { inputTokens, outputTokens, costUsd } = run.usage;
  const tokens = inputTokens + outputTokens;
  return [
    `${run.told}/${proposals} episodes`,
    ...(run.failures > 0 ? [`${run.failures} failed`] : []),
    ...(seconds > 5 && session > 0 ? [`${((session * 60) / seconds).toFixed(1)} a minute`] : []),
    ...(tokens > 0 ? [`${tokens.toLocaleString("en")} tokens`] : []),
    ...(costUsd !== null && costUsd > 0 ? [`$${costUsd.toFixed(4)}`] : []),
    clock(seconds),
  ].join(" · ");
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `improve b3`, `cross b3 + b5`, `inject`. */
export function describeMove({ operator, parents, notes = [], model }: Proposal): string {
  const steered = `${model === undefined ? "" : ` by ${model}`}${notes.length === 0 ? "" : " (steered)"}`;
  return `${[operator, ...(parents.length === 0 ? [] : [parents.join(" + ")])].join(" ")}${steered}`;
}

/** Whom a person's note is for, and its words. */
export function describeNote({
  note,
  branch,
  proposals,
}: Pick<Extract<RunEvent, { type: "steered" }>, "note" | "branch" | "proposals">): string {
  const many = proposals === 1 ? "the next proposal" : `the next ${proposals} proposals`;
  return `${many}${branch === null ? "" : ` below ${branch}`}: ${JSON.stringify(note)}`;
}

function decided(progress: Progress, event: Extract<RunEvent, { type: "call-decided" }>) {
  const { verdict, by, reason } = event.decision;
  const why = reason === "" ? "" : `: ${firstLine(reason)}`;
  const line = `${event.proposal} ${event.tool}: denied by the ${by}${why}`;
  return { progress, line: verdict === "deny" ? line : null };
}

function refuted({ branch, reproduction }: Extract<RunEvent, { type: "branch-reproduced" }>): string {
  return `${branch} cannot be the best: not reproduced: ${firstLine(reproduction.reason)}`;
}

function ended(progress: Progress, { outcome }: Extract<RunEvent, { type: "episode-ended" }>) {
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
  const line = `${branch.id} ${move}: ${shown(branch.score)}${better ? "  <- best" : ""}`;
  return { progress: { activities, best }, line };
}

function doing(progress: Progress, id: ProposalId, what: string, now: number) {
  const activity = progress.activities.get(id);
  if (activity === undefined) return { progress, line: null };
  return { progress: withActivity(progress, { ...activity, doing: what, since: now }), line: null };
}

function withActivity(progress: Progress, activity: Activity): Progress {
  return { ...progress, activities: new Map(progress.activities).set(activity.proposal.id, activity) };
}

function shown(score: Score): string {
  return score.valid ? String(score.metrics["score"]) : `invalid (${firstLine(score.message)})`;
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length <= 160 ? line : `${line.slice(0, 157)}...`;
}
