// Owns: `nbevolve compare`: up to eight runs beside each other, as tables or JSON. Only reads.
import type { Command } from "commander";
import { RunError } from "../../core/errors.ts";
import { tokensOf } from "../../core/run/usage.ts";
import {
  type ComparedRun,
  type Comparison,
  compareRuns,
  readHistory,
  recordOfRun,
  type RunToCompare,
  type SeedGroup,
  showNumber,
  type SeedSpread,
  standingWords,
} from "../../history/index.ts";
import { readJson } from "../../loop/json-blob.ts";
import { openRunStore } from "../../store/index.ts";
import type { Task } from "../../contracts/index.ts";
import { costText } from "../terminal/run-facts.ts";
import { clockText } from "../terminal/status.ts";
import { alignColumns, print, printJson } from "../terminal/screen.ts";

const MOST_RUNS = 8;

export function defineCompareCommand(command: Command): void {
  command
    .argument("<dirs...>", `Run directories, from 2 to ${MOST_RUNS}.`)
    .option("--json", "Print the comparison as JSON.")
    .action(async (dirs: readonly string[], { json }: { readonly json?: boolean }) => {
      if (dirs.length < 2 || dirs.length > MOST_RUNS)
        throw new RunError("bad-option", `compare takes from 2 to ${MOST_RUNS} runs, not ${dirs.length}`);
      const runs: RunToCompare[] = [];
      for (const dir of dirs) runs.push(await readOne(dir));
      const comparison = compareRuns(runs);
      if (json === true) printJson(comparison);
      else print(comparisonText(comparison));
    });
}

async function readOne(dir: string): Promise<RunToCompare> {
  await using store = await openRunStore(dir, { mode: "read" });
  const history = await readHistory(store);
  const task = await readJson<Task>(store, history.task);
  return { name: dir, history, task, record: await recordOfRun(store.dir, history, task) };
}

function comparisonText(comparison: Comparison): string {
  const { apart, runs, at, seeds } = comparison;
  const { shared, rows } = factsTable(runs);
  const course =
    apart === null
      ? ["", "best score after so many proposals:", ...alignColumns(courseTable(runs, at, seeds))]
      : ["", `Their scores are not compared: ${apart}.`];
  return [
    ...shared,
    ...alignColumns(rows),
    ...course,
    ...seeds.map((group, index) => `\n${seedsText(group, comparison, index)}`),
  ].join("\n");
}

type Column = readonly [name: string, of: (run: ComparedRun) => string];

/** Said once where it is the same for all. */
const SHARED: readonly Column[] = [
  ["task", ({ task, direction }) => `${task} (${direction})`],
  ["best known", ({ bestKnown }) => (bestKnown === null ? "" : `${bestKnown.score}`)],
  ["model", ({ model }) => model],
  ["strategy", ({ strategy }) => strategy],
];

const OWN: readonly Column[] = [
  ["seed", ({ seed }) => `${seed}`],
  ["proposals", proposalsCount],
  ["best", ({ best }) => showNumber(best)],
  ["to the best known", ({ bestKnown }) => (bestKnown === null ? "" : standingWords(bestKnown))],
  ["best at", ({ toBest }) => `${toBest}`],
  ["goal at", ({ toGoal }) => (toGoal === null ? "" : `${toGoal}`)],
  ["tokens", tokensText],
  ["cost", spentText],
  ["time", ({ seconds }) => (seconds === null ? "" : clockText(seconds))],
];

/** Columns in which nothing stands are left out. */
function factsTable(runs: readonly ComparedRun[]) {
  const isSame = ([, of]: Column): boolean => new Set(runs.map(of)).size === 1;
  const shared = SHARED.filter(isSame).flatMap(([name, of]) => {
    const value = runs[0] === undefined ? "" : of(runs[0]);
    return value === "" ? [] : [`${name} ${value}`];
  });
  const columns = [...SHARED.filter((column) => !isSame(column)), ...OWN].filter(([, of]) =>
    runs.some((run) => of(run) !== ""),
  );
  return {
    shared: shared.length === 0 ? [] : [shared.join(", "), ""],
    rows: [
      ["run", ...columns.map(([name]) => name)],
      ...runs.map((run) => [run.run, ...columns.map(([, of]) => of(run))]),
    ],
  };
}

function proposalsCount({ proposals, injected, failures, state }: ComparedRun): string {
  const more = [
    ...(injected === 0 ? [] : [`${injected} injected`]),
    ...(failures === 0 ? [] : [`${failures} failed`]),
    ...(state === "finished" ? [] : [state]),
  ];
  return `${proposals}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
}

function tokensText({ usage }: ComparedRun): string {
  const tokens = tokensOf(usage);
  return tokens === 0 ? "" : tokens.toLocaleString("en");
}

function spentText({ usage }: ComparedRun): string {
  if (usage.costUsd === null) return "unknown";
  return usage.costUsd === 0 ? "" : costText(usage.costUsd);
}

function courseTable(
  runs: readonly ComparedRun[],
  at: readonly number[],
  seeds: readonly SeedGroup[],
): readonly (readonly string[])[] {
  const scores = (values: readonly (number | null)[]): readonly string[] =>
    values.map((value) => (value === null ? "" : showNumber(value)));
  const spreads = ({ runs: names, course }: SeedGroup, index: number): readonly (readonly string[])[] => {
    // A median of those alone that came so far would be another setting's.
    const whole = course.map((spread) => (spread?.runs === names.length ? spread : null));
    const name = seeds.length === 1 ? "" : ` ${index + 1}`;
    return [
      [`median of seeds${name}`, ...scores(whole.map((spread) => spread?.median ?? null))],
      [`lowest${name}`, ...scores(whole.map((spread) => spread?.low ?? null))],
      [`highest${name}`, ...scores(whole.map((spread) => spread?.high ?? null))],
    ];
  };
  return [
    ["proposals", ...at.map(String)],
    ...runs.map(({ run, course }) => [run, ...scores(course)]),
    ...seeds.flatMap(spreads),
  ];
}

/** What one setting came to with its seeds, in words; no more is claimed than there are runs. */
function seedsText({ runs, best, toGoal }: SeedGroup, all: Comparison, index: number): string {
  const hasGoal = all.runs.some(({ run, goal }) => goal !== null && runs.includes(run));
  const goal =
    toGoal === null
      ? "; none reached the goal"
      : `; ${toGoal.runs} reached the goal, after so many proposals: ${spreadText(toGoal, String)}`;
  const name = all.seeds.length === 1 ? "seeds" : `seeds ${index + 1}`;
  const which = `${runs.length} runs that differ in the seed alone (${runs.join(", ")})`;
  return `${name}: ${which}: best ${spreadText(best, showNumber)}${hasGoal ? goal : ""}`;
}

function spreadText({ low, median, high }: SeedSpread, show: (value: number) => string): string {
  const ends = [...new Set([low, high].map(show))];
  return ends.length === 1 ? show(median) : `${ends.join(" to ")} (median ${show(median)})`;
}
