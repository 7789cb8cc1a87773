// Owns: the figures of the context benchmark, and their report as Markdown.
import type { OutputMeasures } from "./outputs-measure.ts";
import type { NotebookMeasures } from "./real-notebooks.ts";
import type { RenderTimes, Took } from "./render-times.ts";
import type { Measured } from "./simulate.ts";
import { precisionAndRecall, type Staleness, type StalenessVerdicts } from "./staleness.ts";

export interface ContextFigures {
  /** Name and hash of each scenario. */
  readonly traces: readonly { readonly name: string; readonly sha256: string }[];
  /** Tokens of the schemas of all tools together. */
  readonly toolTokens: number;
  readonly measured: readonly Measured[];
  readonly notebooks: NotebookMeasures;
  readonly outputs: OutputMeasures;
  /** Times of the notebooks with the most cells; empty where no process was given to time them in. */
  readonly render: readonly RenderTimes[];
  /** Null where no kernels were given to run the edits in. */
  readonly staleness: Staleness | null;
}

/** Tables in Markdown. */
export function contextReport(bench: ContextFigures): string {
  const { notebooks, outputs } = bench;
  return [
    `Tools: ${bench.toolTokens} tokens of schema. Traces: ${bench.traces.map(({ name, sha256 }) => `${name} ${sha256}`).join(", ")}.`,
    "",
    ...bench.traces.flatMap(({ name }) => scenarioSection(name, bench.measured)),
    `Notebooks: ${notebooks.tokens.length} load, ${notebooks.refused.length} refused with a typed error, ${notebooks.failures.length} failures. ` +
      `Every cell open: p50 ${notebooks.p50}, p90 ${notebooks.p90}, max ${notebooks.max} tokens; ` +
      `${notebooks.base64Runs} with a base64 run; longest digest ${notebooks.longestDigest} tokens.`,
    `Outputs: 1,000 tqdm updates ${outputs.progressRaw} -> ${outputs.progress} tokens; ` +
      `${outputs.tracebacks} tracebacks ${outputs.tracebacksRaw} -> ${outputs.tracebackTokens} tokens.`,
    "",
    ...(bench.render.length === 0 ? [] : renderingSection(bench.render)),
    ...(bench.staleness === null ? [] : stalenessSection(bench.staleness)),
  ].join("\n");
}

function renderingSection(all: readonly RenderTimes[]): string[] {
  const ms = (took: Took): string =>
    [took.threadMs, took.processorMs, took.wallMs]
      .map((one) => one?.toFixed(one < 10 ? 1 : 0) ?? "?")
      .join(" / ");
  return [
    "## Rendering",
    "",
    "Milliseconds of the thread that renders / of all threads / of wall time.",
    "",
    "| notebook | cells | first of a process | later, nothing known of it | one cell changed | tokeniser, once |",
    "|---|---|---|---|---|---|",
    ...all.map(
      (one) =>
        `| ${[one.name, one.cells, ...[one.first, one.later, one.afterOneChange, one.tokeniser].map(ms)].join(" | ")} |`,
    ),
    "",
  ];
}

function stalenessSection({ notebooks, edits, byNames, byPosition, wrong }: Staleness): string[] {
  const line = (name: string, verdicts: StalenessVerdicts): string => {
    const { precision, recall } = precisionAndRecall(verdicts);
    const { rightlyStale, wronglyStale, rightlyFresh, wronglyFresh } = verdicts;
    return `| ${[name, percent(precision), percent(recall), rightlyStale, wronglyStale, wronglyFresh, rightlyFresh].join(" | ")} |`;
  };
  return [
    "## Staleness",
    "",
    `${notebooks} notebooks, ${edits} edits of one cell, each run again from the top in a fresh kernel.`,
    "",
    "| rule | precision | recall | stale, rightly | stale, wrongly | fresh, wrongly | fresh, rightly |",
    "|---|---|---|---|---|---|---|",
    line("by names", byNames),
    line("by position: all below", byPosition),
    "",
    ...wrong.map((one) => `- ${one}`),
    "",
  ];
}

function scenarioSection(name: string, measured: readonly Measured[]): string[] {
  const rows = measured.filter(({ trace }) => trace === name);
  const caches = Object.keys(rows[0]?.costByCache ?? {});
  return [
    `## ${name}`,
    "",
    "| policy | calls | input | uncached | / bound | cost(.1) | peak | recall: all (numbers / names / errors) | best score |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows.map(row),
    "",
    `Cost by cache, in thousands of uncached tokens:`,
    "",
    `| policy | ${caches.join(" | ")} | rho 0 | rho .25 | rho .5 |`,
    `|---|${caches.map(() => "---|").join("")}---|---|---|`,
    ...rows.map((one) => cacheRow(one, caches)),
    "",
  ];
}

function row(one: Measured): string {
  const { recall } = one;
  return `| ${[
    one.contender,
    one.calls,
    thousands(one.inputTokens),
    thousands(one.uncachedTokens),
    (one.uncachedTokens / one.lowerBound).toFixed(2),
    thousands(one.cost["0.1"] ?? 0),
    thousands(one.peakTokens),
    `${percent(recall.all)} (${percent(recall.numbers)} / ${percent(recall.names)} / ${percent(recall.errors)})`,
    percent(one.bestScoreVisible),
  ].join(" | ")} |`;
}

function cacheRow(one: Measured, caches: readonly string[]): string {
  const costs = [
    ...caches.map((cache) => one.costByCache[cache]),
    one.cost["0"],
    one.cost["0.25"],
    one.cost["0.5"],
  ];
  return `| ${[one.contender, ...costs.map((cost) => thousands(cost ?? 0))].join(" | ")} |`;
}

function thousands(tokens: number): string {
  return `${(tokens / 1000).toFixed(1)}k`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}
