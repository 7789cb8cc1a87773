// Owns: the context benchmark as a whole - what is measured, on what, and the report as data.
import { join } from "node:path";
import { notebookTools, specOf } from "../../src/environment/tools/index.ts";
import { writeInstructions } from "../../src/loop/prompt-text.ts";
import { tiktokenCounter } from "../../src/models/catalogue/count-tokens.ts";
import type { KernelPool, Pricing } from "../../src/contracts/index.ts";
import { contenders, type Contender } from "./contenders.ts";
import { readNotebooks, readTraces } from "./inputs.ts";
import { measureOutputs, type OutputMeasures } from "./outputs-measure.ts";
import { playTrace } from "./play-trace.ts";
import { measureNotebooks, type NotebookMeasures } from "./real-notebooks.ts";
import type { RenderTimes } from "./render-times.ts";
import { simulate, type Measured, type World } from "./simulate.ts";
import { measureStaleness, type Staleness } from "./staleness.ts";

export { contextReport } from "./report.ts";
export { measureRender, type RenderTimes } from "./render-times.ts";

export interface ContextBench {
  /** Name and hash of each scenario. */
  readonly traces: readonly { readonly name: string; readonly sha256: string }[];
  /** Tokens of the schemas of all tools together. */
  readonly toolTokens: number;
  readonly measured: readonly Measured[];
  readonly notebooks: NotebookMeasures;
  readonly outputs: OutputMeasures;
  /** Of the notebooks with the most cells; none where no process was given to time them in. */
  readonly render: readonly RenderTimes[];
  /** Null where no kernels were given to run the edits in. */
  readonly staleness: Staleness | null;
}

export interface ContextBenchOptions {
  /** Default: all. */
  readonly only?: readonly Contender[];
  readonly kernels?: KernelPool;
  /** Measures a file in a process of its own, where nothing is compiled yet. */
  readonly renderApart?: (path: string) => Promise<RenderTimes>;
}

/** Notebooks whose rendering is timed. */
const TIMED = 3;

/** The price that the design's figures are for: an automatic cache at a tenth. */
const PRICING: Pricing = { cachedShare: 0.1, writeShare: 1, minimumTokens: 1024, windowTokens: null };

/** Runs the contenders on the scenarios below `inputs`. @throws RunError `bad-option` without inputs. */
export async function contextBench(
  inputs: string,
  { only = contenders(PRICING), kernels, renderApart }: ContextBenchOptions = {},
): Promise<ContextBench> {
  const countTokens = tiktokenCounter();
  const own = notebookTools({ submission: "best" });
  const tools = JSON.stringify(own.map(specOf));
  const world: World = {
    instructions: writeInstructions("best", own),
    tools,
    budgetTokens: 8000,
    countTokens,
  };
  const traces = readTraces(inputs);
  const files = readNotebooks(inputs);
  const measured: Measured[] = [];
  for (const trace of traces) {
    const played = await playTrace(trace);
    for (const contender of only) measured.push(simulate(contender, played, world));
  }
  const notebooks = measureNotebooks(files, countTokens);
  const render: RenderTimes[] = [];
  for (const { name } of notebooks.tokens.toSorted((a, b) => b.cells - a.cells).slice(0, TIMED)) {
    const path = join(inputs, "notebooks", name);
    if (renderApart !== undefined) render.push(await renderApart(path));
  }
  return {
    traces: traces.map(({ name, sha256 }) => ({ name, sha256 })),
    toolTokens: countTokens(tools),
    measured,
    notebooks,
    outputs: measureOutputs(files, traces, countTokens),
    render,
    staleness: kernels === undefined ? null : await measureStaleness(kernels),
  };
}
