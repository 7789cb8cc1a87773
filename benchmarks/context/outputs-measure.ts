// Owns: what the output pipeline makes of a thousand updates of a progress bar and of every real traceback.
import { parseNotebook } from "../../src/core/notebook/load-notebook.ts";
import { isCode } from "../../src/core/notebook/notebook.ts";
import { viewOutputs } from "../../src/core/output/view-outputs.ts";
import type { Output } from "../../src/contracts/index.ts";
import type { NotebookFile, Trace } from "./inputs.ts";
import type { CountTokens } from "./requests.ts";

export interface OutputMeasures {
  readonly progressRaw: number;
  readonly progress: number;
  readonly tracebacks: number;
  readonly tracebacksRaw: number;
  readonly tracebackTokens: number;
}

/** `notebooks`: those that load. */
export function measureOutputs(
  files: readonly NotebookFile[],
  traces: readonly Trace[],
  countTokens: CountTokens,
): OutputMeasures {
  const bar = progressBar();
  const errors = [
    ...files.flatMap(outputsIn),
    ...traces.flatMap(({ rounds }) => rounds.flatMap(({ steps }) => steps.flatMap(({ outputs }) => outputs))),
  ].filter((output) => output.output_type === "error");
  const sum = (count: (output: Output) => number): number =>
    errors.reduce((total, output) => total + count(output), 0);
  return {
    progressRaw: countTokens(bar),
    progress: countTokens(viewOutputs([{ output_type: "stream", name: "stderr", text: bar }]).text),
    tracebacks: errors.length,
    tracebacksRaw: sum((output) =>
      countTokens(output.output_type === "error" ? output.traceback.join("\n") : ""),
    ),
    tracebackTokens: sum((output) => countTokens(viewOutputs([output]).text)),
  };
}

/** What tqdm writes for a thousand updates. */
export function progressBar(): string {
  const updates = Array.from({ length: 1001 }, (_, i) => {
    const full = Math.floor(i / 100);
    const bar = `${"\u2588".repeat(full)}${" ".repeat(10 - full)}`;
    return `\rtrain: ${String(Math.floor(i / 10)).padStart(3)}%|${bar}| ${i}/1000 [00:${String(i % 60).padStart(2, "0")}<00:09, ${(95 + (i % 7) / 10).toFixed(2)}it/s]`;
  });
  return `${updates.join("")}\n`;
}

function outputsIn({ name, text }: NotebookFile): readonly Output[] {
  if (/truncated/.test(name)) return [];
  return parseNotebook(text, name).cells.flatMap((cell) => (isCode(cell) ? cell.outputs : []));
}
