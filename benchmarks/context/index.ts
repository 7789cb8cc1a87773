// Owns: the context benchmark as a whole - what is measured, on what, and the report as data.
import { notebookTools, specOf } from "../../src/tools/index.ts";
import { instructions } from "../../src/loop/instructions.ts";
import { tiktokenCounter } from "../../src/models/token-counter.ts";
import type { Pricing } from "../../src/spec/index.ts";
import { contenders, type Contender } from "./contenders.ts";
import { readNotebooks, readTraces } from "./inputs.ts";
import { measureOutputs, type OutputMeasures } from "./outputs-measure.ts";
import { playTrace } from "./play-trace.ts";
import { measureNotebooks, type NotebookMeasures } from "./real-notebooks.ts";
import { simulate, type Measured, type World } from "./simulate.ts";

export { contextReport } from "./report.ts";

export interface ContextBench {
  /** Name and hash of each scenario. */
  readonly traces: readonly { readonly name: string; readonly sha256: string }[];
  /** Tokens of the schemas of all tools together. */
  readonly toolTokens: number;
  readonly measured: readonly Measured[];
  readonly notebooks: NotebookMeasures;
  readonly outputs: OutputMeasures;
}

/** The price that the design's figures are for: an automatic cache at a tenth. */
const PRICING: Pricing = { cachedShare: 0.1, writeShare: 1, minimumTokens: 1024, windowTokens: null };

/** Runs all contenders, or `only`, on the scenarios below `inputs`. @throws RunError `bad-option` without inputs. */
export async function contextBench(
  inputs: string,
  only: readonly Contender[] = contenders(PRICING),
): Promise<ContextBench> {
  const countTokens = tiktokenCounter();
  const tools = JSON.stringify(notebookTools({ submission: "best" }).map(specOf));
  const world: World = { instructions: instructions("best"), tools, budgetTokens: 8000, countTokens };
  const traces = readTraces(inputs);
  const files = readNotebooks(inputs);
  const measured: Measured[] = [];
  for (const trace of traces) {
    const played = await playTrace(trace);
    for (const contender of only) measured.push(simulate(contender, played, world));
  }
  return {
    traces: traces.map(({ name, sha256 }) => ({ name, sha256 })),
    toolTokens: countTokens(tools),
    measured,
    notebooks: measureNotebooks(files, countTokens),
    outputs: measureOutputs(files, traces, countTokens),
  };
}
