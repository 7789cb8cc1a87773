// Owns: the progress of a run in words, derived from its events. Pure: it writes nothing.
import type { History } from "../../core/run/history.ts";
import { ranNoCell, reduceHistory } from "../../core/run/reduce-history.ts";
import type { Branch, Proposal, ProposalId, RunEvent, Score, Task } from "../../contracts/index.ts";
import { bestKnownOf, isImprovement, ownScore, showNumber, standingTo } from "../../history/index.ts";

/** What an open episode is doing now, as far as the journal tells it. */
export interface Activity {
  readonly proposal: Proposal;
  /** The turn by its number, with a colon, where one is under way; else empty. */
  readonly turn: string;
  readonly doing: string;
  /** When it began that, in milliseconds on the caller's clock. */
  readonly since: number;
}

export interface RunProgress {
  readonly activities: ReadonlyMap<ProposalId, Activity>;
  /** The run up to the latest event; null before the first. */
  readonly history: History | null;
  /** The best when an improvement was told last; null before the founder. */
  readonly told: Branch | null;
  /** How many episodes had ended then. */
  readonly toldAt: number;
  /** When an episode ended last, in milliseconds on the caller's clock; 0 before. */
  readonly endedAt: number;
}

export const noProgress: RunProgress = {
  activities: new Map(),
  history: null,
  told: null,
  toldAt: 0,
  endedAt: 0,
};

/** The progress after an event, and a line that stays on the screen, if any. `task`: what an improvement is measured by. */
export function followEvent(
  before: RunProgress,
  event: RunEvent,
  now: number,
  task: Goals | null = null,
): { readonly progress: RunProgress; readonly line: string | null } {
  const history = reduceHistory(before.history, event);
  const progress: RunProgress = { ...before, history };
  switch (event.type) {
    case "run-started":
      return {
        progress: { ...progress, told: event.founder },
        line: row(event.founder.id, "founder", scoreColumn(event.founder)),
      };
    case "proposal-made": {
      const activity = { proposal: event.proposal, turn: "", doing: "restoring the kernel", since: now };
      const isFirst = event.proposal.number === 1;
      const line = isFirst
        ? `${event.proposal.id} ${describeMove(event.proposal)} has begun; each proposal gets a line when it ends`
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
      return setDoing(progress, event.proposal, "running its calls", now, event.turn);
    case "call-decided":
      return followDecision(progress, event);
    case "calls-ended":
      return setDoing(progress, event.proposal, "waiting for the model", now, event.turn + 1);
    case "round-ended":
      return setDoing(progress, event.proposal, `round scored: ${shortScore(event.score)}`, now);
    case "episode-ended":
      return followEpisodeEnd({ ...progress, endedAt: now }, event, history, task);
    case "proposal-told":
      return { progress, line: null };
    case "branch-reproduced":
      return event.reproduction.survives
        ? { progress, line: null }
        : { progress: { ...progress, told: history.best }, line: describeRefutation(event) };
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

/** What a task says of its scores. */
type Goals = Pick<Task, "direction" | "bestKnown" | "resolution">;

function followEpisodeEnd(
  before: RunProgress,
  { outcome }: Extract<RunEvent, { type: "episode-ended" }>,
  history: History,
  task: Goals | null,
) {
  const activities = new Map(before.activities);
  activities.delete(outcome.proposal.id);
  const progress: RunProgress = { ...before, activities };
  const move = describeMove(outcome.proposal);
  if (!outcome.ok) {
    const { boundary, message } = outcome.failure;
    return { progress, line: row(outcome.proposal.id, move, `failed (${boundary}): ${firstLine(message)}`) };
  }
  const { branch } = outcome;
  const ended = history.ended.last();
  const idle = ended !== undefined && ranNoCell(ended) ? ", no cell was run" : "";
  const isBest = branch.id === history.best.id && gains(branch, before.told ?? history.founder, task);
  const line = row(branch.id, move, `${scoreColumn(branch)}${idle}${isBest ? "  <- best" : ""}`);
  return { progress: isBest ? { ...progress, told: branch, toldAt: history.ended.size } : progress, line };
}

/** Whether a branch is better by more than the task can tell apart, or comes to the best known score. */
function gains({ score }: Branch, { score: before }: Branch, task: Goals | null): boolean {
  if (isImprovement(score.fitness, before.fitness, task?.resolution)) return true;
  const goal = task && bestKnownOf(task);
  if (goal === null || !isImprovement(score.fitness, before.fitness)) return false;
  return standingTo(ownScore(score), goal).how !== standingTo(ownScore(before), goal).how;
}

/** Episodes since the last improvement. */
export function plateauOf({ history, toldAt }: RunProgress): number {
  return (history?.ended.size ?? 0) - toldAt;
}

/** Names, moves and scores one below the other. */
function row(name: string, move: string, outcome: string): string {
  return `${name.padEnd(4)} ${move.padEnd(16)}  ${outcome}`;
}

const BEFORE_POINT = 4;

/** The points of scores stand one below the other. */
function scoreColumn({ score }: Branch): string {
  const text = showNumber(ownScore(score));
  const whole = /^-?\d*/.exec(text)?.[0].length ?? 0;
  return " ".repeat(Math.max(0, BEFORE_POINT - whole)) + text;
}

function setDoing(progress: RunProgress, id: ProposalId, doing: string, since: number, turn?: number) {
  const activity = progress.activities.get(id);
  if (activity === undefined) return { progress, line: null };
  const where = turn === undefined ? "" : `turn ${turn}: `;
  return { progress: withActivity(progress, { ...activity, turn: where, doing, since }), line: null };
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
