// Owns: what a tool's result says beside a cell's outputs: what failed and why, in words that a weak model can act on, and
// which names came into the kernel. Asks the kernel, which may not answer; never fails a tool.
import { KernelLost } from "../../core/errors.ts";
import { kernelNames, listNames } from "../../core/notebook/kernel-names.ts";
import { describeRepeat } from "../../core/notebook/repeated-failures.ts";
import { adviseError } from "../../core/output/advise-error.ts";
import { explainError, explainInterrupt } from "../../core/output/explain-error.ts";
import { withoutControls } from "../../core/output/terminal.ts";
import { namesIn } from "../../core/python/python-names.ts";
import type { CellId, Execution, KernelSketch, ToolContext } from "../../contracts/index.ts";

/** A cell that ran, in the notebook as it was before. */
interface RanCell {
  readonly id: CellId;
  readonly source: string;
  readonly execution: Execution;
}

interface FailureWords {
  /** Sentences; none for a cell that ended well. */
  readonly lines: readonly string[];
  /** What to do about it, in a few words; empty where the error says it all. */
  readonly advice: string;
}

const NO_WORDS: FailureWords = { lines: [], advice: "" };

/** What to say about a failure. */
export async function describeFailure(context: ToolContext, cell: RanCell): Promise<FailureWords> {
  const { execution, source, id } = cell;
  const error = execution.outputs.findLast((output) => output.output_type === "error");
  if (execution.status === "ok" || error === undefined) return NO_WORDS;
  const traceback = withoutControls(error.traceback.join("\n"));
  if (execution.status === "interrupted") return { ...NO_WORDS, lines: [explainInterrupt(traceback)] };
  if (execution.status !== "error") return NO_WORDS;
  const sketch = await askKernel(context);
  const known = sketch === null ? [...kernelNames(context.notebook).keys()] : [...sketch.names.keys()];
  const { fault } = sketch ?? { fault: null };
  const values = fault !== null && fault.error === error.ename ? fault.values : [];
  const lines = [
    ...(values.length === 0 ? [] : [`In line ${fault?.line}: ${values.join(", ")}`]),
    ...explainError({ name: error.ename, value: error.evalue, traceback, source, known, values }),
    ...describeRepeat(context.notebook, { id, source, outputs: execution.outputs, round: context.round }),
  ];
  return { lines, advice: adviseError(error.ename, error.evalue, values) };
}

/** Names that a result says. */
const MOST_NEW = 6;

/** `Defined: f(x, y), w: ndarray (40,)`: what the cell has put into the kernel and no cell had before; empty for nothing. */
export async function describeNewNames(
  context: ToolContext,
  { source, execution }: RanCell,
): Promise<string> {
  if (execution.status !== "ok" || context.kernel.sketch === undefined) return "";
  const had = kernelNames(context.notebook);
  const { defines, imports } = namesIn(source);
  const imported = new Set(imports);
  const fresh = defines.filter((name) => !had.has(name) && !imported.has(name));
  if (fresh.length === 0) return "";
  const sketch = await askKernel(context);
  const said = fresh.flatMap((name) => sketch?.names.get(name) ?? []);
  return said.length === 0 ? "" : `Defined: ${listNames(said, MOST_NEW)}`;
}

/** Null where the kernel does not say it, or is lost meanwhile, which its next use finds. @throws the signal's reason. */
async function askKernel({ kernel, limits, signal }: ToolContext): Promise<KernelSketch | null> {
  try {
    return (await kernel.sketch?.({ timeoutMs: limits.cellTimeoutMs, signal })) ?? null;
  } catch (error) {
    if (error instanceof KernelLost) return null;
    throw error;
  }
}
