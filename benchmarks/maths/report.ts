// Owns: the maths benchmarks' results as Markdown. Pure.
import type { MathsResult, MathsRun } from "./course.ts";

/** `plots`: the folder of the plots as seen from the report; null for a report without plots. */
export function mathsReport(results: readonly MathsResult[], plots: string | null): string {
  return [
    "| problem | direction | published | best known | ours (strict) | gap to the best known | seeds | evaluations | seconds | tokens | cost, $ |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...results.map(row),
    "",
    "_ours_: the best of the seeds, as the verifier scored it, exactly. _gap_: negative is worse than the best known, positive better. _evaluations_ and " +
      "_seconds_: submissions judged, and wall clock, until that best was found, in the run that found it; in brackets, of all its runs.",
    "",
    "| problem | by seed |",
    "| --- | --- |",
    ...results.map(({ problem, runs }) => `| ${problem.name} | ${runs.map(seedText).join("; ")} |`),
    "",
    ...(plots === null
      ? []
      : results.flatMap(({ problem }) => [`![${problem.name}](${plots}/${problem.name}.svg)`, ""])),
  ].join("\n");
}

function row({ problem, runs }: MathsResult): string {
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
    `${published}`,
    `${bestKnown}`,
    ours === null ? "none" : `${ours}`,
    ours === null ? "" : signedText((direction === "maximize" ? 1 : -1) * (ours - bestKnown)),
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

function seedText({ seed, best, steps }: MathsRun): string {
  if (best === null) return `${seed}: none`;
  return `${seed}: ${best} after ${Math.round(steps.at(-1)?.seconds ?? 0)} s`;
}

const signedText = (gap: number): string =>
  gap === 0 ? "0" : `${gap > 0 ? "+" : ""}${gap.toExponential(1)}`;
