// Owns: the benchmark's report as text for people: the same numbers as the JSON.
import type { ContextBench } from "./index.ts";
import type { Measured } from "./simulate.ts";

/** Tables in Markdown. */
export function contextReport(bench: ContextBench): string {
  const { notebooks, outputs } = bench;
  return [
    `Tools: ${bench.toolTokens} tokens of schema. Traces: ${bench.traces.map(({ name, sha256 }) => `${name} ${sha256}`).join(", ")}.`,
    "",
    ...bench.traces.flatMap(({ name }) => scenario(name, bench.measured)),
    `Notebooks: ${notebooks.tokens.length} load, ${notebooks.refused.length} refused with a typed error, ${notebooks.failures.length} failures. ` +
      `Every cell open: p50 ${notebooks.p50}, p90 ${notebooks.p90}, max ${notebooks.max} tokens; ` +
      `${notebooks.base64Runs} with a base64 run; longest digest ${notebooks.longestDigest} tokens.`,
    `Rendering ${notebooks.render.cells} cells: ${notebooks.render.coldMs.toFixed(1)} ms cold, ` +
      `${notebooks.render.afterOneChangeMs.toFixed(2)} ms after one cell changed.`,
    `Outputs: 1,000 tqdm updates ${outputs.progressRaw} -> ${outputs.progress} tokens; ` +
      `${outputs.tracebacks} tracebacks ${outputs.tracebacksRaw} -> ${outputs.tracebackTokens} tokens.`,
    "",
  ].join("\n");
}

function scenario(name: string, measured: readonly Measured[]): string[] {
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
