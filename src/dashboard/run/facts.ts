// Owns: what the view of a run says of it: limits and how much of them is used, failures, what models and operators were worth,
// and what open episodes do. Pure.
import { ownProposals } from "../../core/run/counts.ts";
import { bestKnownOf, targetOf } from "../../core/run/goal.ts";
import type { EndedEpisode, History, OpenEpisode } from "../../core/run/history.ts";
import { spentByModel } from "../../core/run/spent.ts";
import { tokensOf } from "../../core/run/usage.ts";
import { recordOf } from "../../core/untrusted.ts";
import type { Failure, ProposalId, Task } from "../../contracts/index.ts";
import { countText, durationText, moneyText } from "../data/words.ts";

/** A limit of the run, as it was started, and how much of it is used. */
export interface UsedLimit {
  readonly name: string;
  /** From 0 to 1. */
  readonly share: number;
  readonly text: string;
}

export function usedLimits(history: History): readonly UsedLimit[] {
  const { settings, startedMs, latestMs, usage } = history;
  const budget = recordOf(settings["budget"]);
  const ms = startedMs === null || latestMs === null ? 0 : latestMs - startedMs;
  const all: readonly (readonly [string, number, unknown, (n: number) => string])[] = [
    ["Proposals", ownProposals(history), settings["proposals"], countText],
    ["Tokens", tokensOf(usage), budget["tokens"], countText],
    ["Money", usage.costUsd ?? 0, budget["costUsd"], moneyText],
    ["Time", ms / 1000, budget["seconds"], (seconds) => durationText(seconds * 1000)],
    ["Rounds", history.rounds, budget["rounds"], countText],
    ["Cells", history.cells, budget["cells"], countText],
    ["Without a new best", history.told - history.bestAt, budget["stagnation"], countText],
  ];
  return all.flatMap(([name, used, most, show]) =>
    typeof most === "number" && most > 0
      ? [{ name, share: Math.min(1, used / most), text: `${show(used)} of ${show(most)}` }]
      : [],
  );
}

/** A line across the plot. */
export interface ShownGoal {
  readonly name: string;
  readonly value: number;
  /** A variable of the style sheet, such as `good`. */
  readonly colour: string;
}

/** The best known score and the run's target, as far as there are any; one line where they are the same. */
export function goalsOf(task: Task, { settings }: Pick<History, "settings">): readonly ShownGoal[] {
  const known = bestKnownOf(task)?.value ?? null;
  const target = readTarget(task, settings["target"]);
  return [
    ...(known === null
      ? []
      : [{ name: known === target ? "target: best known" : "best known", value: known, colour: "good" }]),
    ...(target === null || target === known ? [] : [{ name: "target", value: target, colour: "warn" }]),
  ];
}

function readTarget(task: Task, said: Parameters<typeof targetOf>[1]): number | null {
  try {
    return targetOf(task, said);
  } catch {
    return null;
  }
}

/** Failures at one boundary. */
export interface FailureGroup {
  readonly boundary: Failure["boundary"];
  readonly count: number;
  /** The latest ones first. */
  readonly latest: readonly { readonly proposal: ProposalId; readonly message: string }[];
}

const MOST_LATEST = 3;

/** The commonest boundary first. */
export function failureGroups({ ended }: Pick<History, "ended">): readonly FailureGroup[] {
  const groups = new Map<string, { boundary: Failure["boundary"]; count: number; latest: EndedEpisode[] }>();
  for (const episode of ended) {
    if (episode.outcome.ok) continue;
    const { boundary } = episode.outcome.failure;
    const group = groups.get(boundary) ?? { boundary, count: 0, latest: [] };
    group.count += 1;
    group.latest.push(episode);
    if (group.latest.length > MOST_LATEST) group.latest.shift();
    groups.set(boundary, group);
  }
  return [...groups.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ boundary, count, latest }) => ({
      boundary,
      count,
      latest: latest
        .reverse()
        .flatMap(({ outcome }) =>
          outcome.ok ? [] : [{ proposal: outcome.proposal.id, message: outcome.failure.message }],
        ),
    }));
}

/** What one of several models, or one operator, made of the proposals that it was given. */
export interface WorthRow {
  readonly name: string;
  readonly episodes: number;
  readonly failed: number;
  /** Branches that scored more than their first parents. */
  readonly better: number;
  readonly newBest: number;
}

export interface ModelRow extends WorthRow {
  readonly tokens: number;
  readonly costUsd: number | null;
}

export interface Worth {
  /** Empty where the run has one model. */
  readonly models: readonly ModelRow[];
  readonly operators: readonly WorthRow[];
}

export function worthOf(history: Pick<History, "ended" | "branches" | "founder">): Worth {
  const models = new Map<string, Counted>();
  const operators = new Map<string, Counted>();
  let best = history.founder.score.fitness;
  for (const { outcome } of history.ended) {
    const { proposal } = outcome;
    const counts = [countIn(models, proposal.model ?? ""), countIn(operators, proposal.operator)];
    for (const count of counts) count.episodes += 1;
    if (!outcome.ok) {
      for (const count of counts) count.failed += 1;
      continue;
    }
    const { fitness } = outcome.branch.score;
    const parent = history.branches.get(outcome.branch.parents[0] ?? "");
    const isBetter = parent !== undefined && fitness > parent.score.fitness;
    for (const count of counts) {
      count.better += isBetter ? 1 : 0;
      count.newBest += fitness > best ? 1 : 0;
    }
    best = Math.max(best, fitness);
  }
  const spent = spentByModel(history);
  return {
    models:
      models.size < 2
        ? []
        : rowsOf(models).map((row) => {
            const { tokens = 0, costUsd = null } = spent.get(row.name) ?? {};
            return { ...row, name: row.name === "" ? "not named" : row.name, tokens, costUsd };
          }),
    operators: rowsOf(operators),
  };
}

interface Counted {
  episodes: number;
  failed: number;
  better: number;
  newBest: number;
}

function countIn(counts: Map<string, Counted>, name: string): Counted {
  const known = counts.get(name) ?? { episodes: 0, failed: 0, better: 0, newBest: 0 };
  counts.set(name, known);
  return known;
}

function rowsOf(counts: ReadonlyMap<string, Counted>): readonly WorthRow[] {
  return [...counts].map(([name, count]) => ({ name, ...count })).sort((a, b) => b.episodes - a.episodes);
}

/** What an open episode is at, as far as the journal tells. */
export interface EpisodeNow {
  readonly round: number;
  readonly turn: number;
  readonly doing: string;
  /** When it last was known to begin something: milliseconds since 1970. */
  readonly sinceMs: number | null;
}

export function episodeNow({ madeMs, restores, rounds, turns, outcome }: OpenEpisode): EpisodeNow {
  const asked = turns.at(-1);
  const isRunning = asked !== undefined && asked.results === null;
  const doing = (): string => {
    if (outcome !== null) return "has ended; the strategy is yet to be told";
    if (restores.length === 0) return "its kernel is being restored";
    if (isRunning) return "runs the model's calls";
    return turns.length === 0 ? "waits for the model's plan" : "waits for the model";
  };
  return {
    round: rounds.length + 1,
    turn: turns.length + (isRunning || outcome !== null ? 0 : 1),
    doing: doing(),
    sinceMs: rounds.at(-1)?.endedMs ?? madeMs,
  };
}
