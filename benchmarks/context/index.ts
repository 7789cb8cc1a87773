// Owns: `nbevolve bench context`: what is measured of the renderers, and on what.
import { join, resolve } from "node:path";
import { HARNESSES } from "../../src/environment/harness.ts";
import { notebookTools, specOf } from "../../src/environment/tools/index.ts";
import { writeInstructions } from "../../src/loop/prompt/instructions.ts";
import { tiktokenCounter } from "../../src/models/catalogue/count-tokens.ts";
import type { Harness, KernelPool, Pricing } from "../../src/contracts/index.ts";
import { openRuntime } from "../../src/run/runtime.ts";
import type { Bench } from "../bench.ts";
import { benchmark } from "../index.ts";
import { runScript } from "../measure.ts";
import { contenders, type Contender } from "./contenders.ts";
import { readNotebooks, readTraces } from "./inputs.ts";
import { measureOutputs } from "./outputs-measure.ts";
import { playTrace } from "./play-trace.ts";
import { measureNotebooks } from "./real-notebooks.ts";
import type { RenderTimes } from "./render-times.ts";
import { simulate, type HarnessWorld, type Measured, type World } from "./simulate.ts";
import { contextReport, type ContextFigures } from "./report.ts";
import { measureStaleness } from "./staleness.ts";

export const contextBench: Bench<{ readonly inputs: string }> = {
  name: "context",
  description: "What each renderer costs in tokens, what its prompts still show, and how long it takes.",
  flags: [
    {
      flag: "--inputs <dir>",
      description: "Folder with the recorded traces/ and notebooks/.",
      value: "text",
      default: "../shared",
    },
  ],
  async run({ inputs }) {
    // Any task will do: its verifier is not asked.
    const task = await benchmark("circles-square-26");
    await using runtime = await openRuntime(task, { keepLive: 0, sandbox: "auto" });
    const kernels = await runtime.openKernels();
    const figures = await measureContext(resolve(inputs), { kernels, renderApart });
    return { figures, report: contextReport(figures) };
  },
};

async function renderApart(path: string): Promise<RenderTimes> {
  const times: RenderTimes = JSON.parse(await runScript(new URL("./render-child.js", import.meta.url), path));
  return times;
}

interface ContextParts {
  /** The contenders to measure. Default: every one. */
  readonly only?: readonly Contender[];
  readonly kernels?: KernelPool;
  /** Measures a file in its own process, where nothing is compiled yet. */
  readonly renderApart?: (path: string) => Promise<RenderTimes>;
}

/** How many notebooks have their rendering timed. */
const TIMED = 3;

/** An automatic cache at a tenth of the price, as in the figures of the design. */
const PRICING: Pricing = { cachedShare: 0.1, writeShare: 1, minimumTokens: 1024, windowTokens: null };

function worldOf(harness: Harness): HarnessWorld {
  const own = notebookTools({ submission: "best" }, [], harness);
  return {
    instructions: writeInstructions({ submission: "best" }, own, harness),
    tools: JSON.stringify(own.map(specOf)),
    budgetTokens: HARNESSES[harness].contextTokens ?? 8000,
  };
}

/** Runs the contenders on the scenarios below `inputs`. @throws RunError `bad-option` without inputs. */
export async function measureContext(
  inputs: string,
  { only = contenders(PRICING), kernels, renderApart }: ContextParts = {},
): Promise<ContextFigures> {
  const countTokens = tiktokenCounter();
  const harnesses = { full: worldOf("full"), lean: worldOf("lean") };
  const world: World = { harnesses, countTokens };
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
    toolTokens: countTokens(harnesses.full.tools),
    measured,
    notebooks,
    outputs: measureOutputs(files, traces, countTokens),
    render,
    staleness: kernels === undefined ? null : await measureStaleness(kernels),
  };
}
