// Owns: the maths benchmarks' results as Markdown. Pure.
import { showNumber, standingTo, type Goal } from "../../src/history/index.ts";
import type { MathsResult, MathsRun } from "./course.ts";

/** `plots`: the folder of the plots as seen from the report; null for a report without plots. */
export function mathsReport(results: readonly MathsResult[], plots: string | null): string {
  return [
    "| problem | direction | published | best known | ours (strict) | result | seeds | evaluations | seconds | tokens | cost, $ |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...results.map(row),
    "",
    "_ours_: the best of the seeds, as the verifier scored it, exactly; all its digits are in `--json`. _result_: beside the best known, `reached` where the " +
      "two differ by no more than rounding or polish. _evaluations_ and _seconds_: submissions judged, and wall clock, until that best was found, in the run " +
      "that found it; in brackets, of all its runs: episodes that are open when the minutes are over are finished.",
    "",
    "| problem | seed | score | found after | run |",
    "| --- | --- | --- | --- | --- |",
    ...results.flatMap(({ problem, runs }) => runs.map((run) => seedRow(problem.name, run))),
    "",
    ...(plots === null
      ? []
      : results.flatMap(({ problem }) => [`![${problem.name}](${plots}/${problem.name}.svg)`, ""])),
  ].join("\n");
}

/** `reached`, `improved by 1.2e-5`, `short by 0.02`. */
export function resultText(score: number, goal: Goal): string {
  const { how, by } = standingTo(score, goal);
  if (how === "equal") return "reached";
  return `${how === "better" ? "improved" : "short"} by ${Number(by.toPrecision(2))}`;
}

function row({ problem, goal, runs }: MathsResult): string {
  const { name, direction, published, bestKnown } = problem;
  const best = bestOf(runs, direction);
  const found = best?.steps.at(-1);
  const sum = (of: (run: MathsRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const cost = runs.some(({ costUsd }) => costUsd === null)
    ? "unknown"
    : sum((run) => run.costUsd ?? 0).toFixed(2);
  const ours = best?.best ?? null;
  const cells = [
    name,
    direction,
    showNumber(published),
    showNumber(bestKnown),
    ours === null ? "none" : showNumber(ours),
    ours === null ? "" : resultText(ours, goal),
    `${runs.length}`,
    `${found?.evaluations ?? 0} (${sum((run) => run.evaluations)})`,
    `${Math.round(found?.seconds ?? 0)} (${Math.round(sum((run) => run.seconds))})`,
    `${sum((run) => run.tokens)}`,
    cost,
  ];
  return `| ${cells.join(" | ")} |`;
}

function bestOf(runs: readonly MathsRun[], direction: string): MathsRun | null {
  const sign = direction === "maximize" ? 1 : -1;
  return runs.reduce<MathsRun | null>((best, run) => {
    if (run.best === null) return best;
    return best?.best == null || sign * run.best > sign * best.best ? run : best;
  }, null);
}

function seedRow(name: string, { seed, best, steps, dir }: MathsRun): string {
  const found =
    best === null ? ["none", ""] : [showNumber(best), `${Math.round(steps.at(-1)?.seconds ?? 0)} s`];
  return `| ${[name, seed, ...found, dir].join(" | ")} |`;
}
