// Owns: what the plays of all arms amount to: shares, medians, ranks and their differences with intervals, and the tables.
import { randomAt } from "../../src/core/random.ts";
import { tokensOf } from "../../src/core/run/usage.ts";
import { median } from "../measure.ts";
import type { Played } from "./play.ts";

/** One play of a task by an arm. */
export interface HarnessPlay extends Played {
  readonly arm: string;
  readonly task: string;
  readonly seed: number;
}

export interface ArmFigures {
  readonly arm: string;
  readonly plays: number;
  /** Shares of the plays: 0 to 1. */
  readonly ranCell: number;
  readonly valid: number;
  readonly improved: number;
  /** Share of the replies of which nothing was run. */
  readonly wasted: number;
  /** Mean place among the arms by score, over tasks and seeds: 1 is best; equal scores share their places. */
  readonly rank: number;
  /** Medians of one play. */
  readonly cells: number;
  readonly tokens: number;
  readonly outputTokens: number;
  readonly seconds: number;
}

export interface RankDifference {
  readonly arm: string;
  readonly against: string;
  /** Mean of the paired differences in rank: below 0 the first arm is better. */
  readonly mean: number;
  /** 95 % of 2,000 resamples of the pairs. */
  readonly low: number;
  readonly high: number;
}

export interface HarnessFigures {
  readonly model: string;
  readonly tokens: number;
  readonly arms: readonly ArmFigures[];
  readonly differences: readonly RankDifference[];
  readonly plays: readonly HarnessPlay[];
}

export interface TaskFacts {
  readonly name: string;
  readonly direction: "maximize" | "minimize";
  readonly first: number;
  readonly optimum: number;
}

export function summarisePlays(
  plays: readonly HarnessPlay[],
  tasks: readonly TaskFacts[],
  arms: readonly string[],
): Pick<HarnessFigures, "arms" | "differences"> {
  const ranked = rankPlays(plays, tasks);
  return {
    arms: arms.map((arm) => figuresOf(arm, ranked)),
    differences: arms.slice(1).map((against) => compareRanks(arms[0] ?? "", against, ranked)),
  };
}

type RankedPlay = HarnessPlay & { readonly rank: number };

function rankPlays(plays: readonly HarnessPlay[], tasks: readonly TaskFacts[]): readonly RankedPlay[] {
  const sign = new Map(tasks.map(({ name, direction }) => [name, direction === "maximize" ? 1 : -1]));
  // An arm without any valid score stands below one that is still where it began.
  const worth = ({ score, task }: HarnessPlay): number =>
    score === null ? -Infinity : score * (sign.get(task) ?? 1);
  return plays.map((play) => {
    const rivals = plays.filter(({ task, seed }) => task === play.task && seed === play.seed);
    const better = rivals.filter((other) => worth(other) > worth(play)).length;
    const equal = rivals.filter((other) => worth(other) === worth(play)).length;
    return { ...play, rank: better + (equal + 1) / 2 };
  });
}

function figuresOf(arm: string, ranked: readonly RankedPlay[]): ArmFigures {
  const own = ranked.filter((play) => play.arm === arm);
  const share = (holds: (play: RankedPlay) => boolean): number => own.filter(holds).length / own.length;
  const middle = (of: (play: RankedPlay) => number): number => median(own.map(of));
  const sum = (of: (play: RankedPlay) => number): number => own.reduce((all, play) => all + of(play), 0);
  return {
    ...{ arm, plays: own.length },
    ranCell: share(({ cells }) => cells > 0),
    valid: share(({ score }) => score !== null),
    improved: share(({ improved }) => improved),
    wasted:
      sum(({ wasted }) => wasted) /
      Math.max(
        1,
        sum(({ replies }) => replies),
      ),
    rank: sum(({ rank }) => rank) / own.length,
    cells: middle(({ cells }) => cells),
    tokens: middle(({ usage }) => tokensOf(usage)),
    outputTokens: middle(({ usage }) => usage.outputTokens),
    seconds: middle(({ seconds }) => seconds),
  };
}

const RESAMPLES = 2000;

function compareRanks(arm: string, against: string, ranked: readonly RankedPlay[]): RankDifference {
  const pairs = ranked
    .filter((play) => play.arm === arm)
    .flatMap((play) => {
      const other = ranked.find(
        ({ arm: name, task, seed }) => name === against && task === play.task && seed === play.seed,
      );
      return other === undefined ? [] : [play.rank - other.rank];
    });
  const random = randomAt("resample", pairs.length);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(pairs.map(() => pairs[random.int(pairs.length)] ?? 0)),
  ).toSorted((a, b) => a - b);
  const at = (share: number): number => means[Math.floor(share * (RESAMPLES - 1))] ?? Number.NaN;
  return { arm, against, mean: mean(pairs), low: at(0.025), high: at(0.975) };
}

/** Tables in Markdown. */
export function writeReport(
  { arms, differences, plays }: HarnessFigures,
  tasks: readonly TaskFacts[],
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const rows = arms.map((one) =>
    row([
      one.arm,
      String(one.plays),
      ...[one.ranCell, one.valid, one.improved, one.wasted].map(percent),
      one.rank.toFixed(2),
      ...[one.cells, one.tokens, one.outputTokens, one.seconds].map((value) => value.toFixed(0)),
    ]),
  );
  const scores = tasks.map(({ name, first, optimum }) =>
    row([
      name,
      short(first),
      short(optimum),
      ...arms.map(({ arm }) =>
        plays
          .filter((play) => play.arm === arm && play.task === name)
          .map(({ score }) => (score === null ? "none" : short(score)))
          .join(", "),
      ),
    ]),
  );
  const compared = differences.map(
    ({ arm, against, mean, low, high }) =>
      `${arm} against ${against}: ${mean.toFixed(2)} in mean rank (95 %: ${low.toFixed(2)} to ${high.toFixed(2)}; below 0 is better).`,
  );
  const head = [
    "arm",
    "plays",
    "ran a cell",
    "valid",
    "improved",
    "replies wasted",
    "rank",
    "cells",
    "tokens",
    "output",
    "seconds",
  ];
  return [
    row(head),
    row(head.map(() => "---")),
    ...rows,
    "",
    row(["task", "first", "optimum", ...arms.map(({ arm }) => arm)]),
    row(["---", "---", "---", ...arms.map(() => "---")]),
    ...scores,
    "",
    ...compared,
    "",
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
