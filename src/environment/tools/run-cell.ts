// Owns: running one cell for a tool - the edits it leaves, the words it gives and the cells it makes stale.
import { staleAfter } from "../../core/notebook/dependencies.ts";
import { applyEdits, codeCell, findCell, markOf, nextCellId } from "../../core/notebook/notebook.ts";
import { limitImages } from "../../core/output/pictures.ts";
import { sameOutputAs, viewOutputs } from "../../core/output/view-outputs.ts";
import { describeFailure, describeNewNames } from "./teach-failure.ts";
import type {
  CellId,
  ToolContext,
  Edit,
  Execution,
  Notebook,
  Part,
  ToolResult,
} from "../../contracts/index.ts";

export interface CellRun {
  readonly execution: Execution;
  /** `edits` so far, then this execution's. */
  readonly edits: readonly Edit[];
  readonly text: string;
  readonly images: readonly Part[];
  /** What to do about its failure, in a few words; empty for nothing. */
  readonly advice: string;
}

/** Runs the cell as `edits` leave it. @throws KernelLost when the kernel was gone before it began. */
export async function runCell(context: ToolContext, edits: readonly Edit[], id: CellId): Promise<CellRun> {
  const before = applyEdits(context.notebook, edits);
  const found = findCell(before, id);
  const source = found?.source ?? "";
  const execution = await context.kernel.execute(source, {
    timeoutMs: context.limits.cellTimeoutMs,
    signal: context.signal,
    title: found && markOf(found).summary,
  });
  const { outputs, status, durationMs } = execution;
  const ran: Edit = { type: "cell-ran", id, outputs, status, durationMs };
  const stale = staleEdits(applyEdits(before, [ran]), id);
  const shown = showOutputs({ notebook: before, canRead: context.canRead }, id, outputs);
  const cell = { id, source, execution };
  const failure = await describeFailure(context, cell);
  const names = await describeNewNames(context, cell);
  const text = [headline(context, id, execution), shown.text, ...failure.lines, names, stale.line]
    .filter((part) => part !== "")
    .join("\n");
  return {
    execution,
    edits: [...edits, ran, ...stale.edits],
    text,
    images: context.seesImages ? shown.images : [],
    advice: failure.advice,
  };
}

/** Adds a code cell at the end and runs it, as a tool's whole result. `summary`: one line that stands for the cell when it is folded. */
export async function runNewCell(
  context: ToolContext,
  source: string,
  summary?: string,
): Promise<ToolResult> {
  const id = nextCellId(context.notebook);
  const mark = { role: "code", round: context.round } as const;
  const cell = codeCell(id, source, summary === undefined ? mark : { ...mark, summary });
  return cellResult(await runCell(context, [{ type: "cell-added", cell }], id));
}

/** The result of a tool that ran one cell. */
export function cellResult(run: CellRun): ToolResult {
  return {
    content: [{ type: "text", text: run.text }, ...run.images],
    isError: run.execution.status !== "ok",
    edits: run.edits,
    ...(run.advice === "" ? {} : { remark: run.advice }),
  };
}

/** Runs cells in the order given, until one fails. @throws KernelLost when the kernel was gone before it began. */
export async function runCells(context: ToolContext, ids: readonly CellId[]): Promise<ToolResult> {
  let edits: readonly Edit[] = [];
  const texts: string[] = [];
  const images: Part[] = [];
  for (const [i, id] of ids.entries()) {
    const done = await runCell(context, edits, id);
    edits = done.edits;
    texts.push(done.text);
    images.push(...done.images);
    if (done.execution.status === "ok") continue;
    const left = ids.slice(i + 1);
    if (left.length > 0) texts.push(`not run: ${left.join(", ")}`);
    return cellResult({ ...done, text: texts.join("\n"), images, edits });
  }
  return { content: [{ type: "text", text: texts.join("\n") }, ...images], isError: false, edits };
}

/** The outputs as words and pictures; outputs that another cell has are named. */
function showOutputs(
  { notebook, canRead }: Pick<ToolContext, "notebook" | "canRead">,
  id: CellId,
  outputs: Execution["outputs"],
): { readonly text: string; readonly images: readonly Part[] } {
  const same = sameOutputAs(notebook, id, outputs);
  if (same !== null) return { text: `(the same output as ${same})`, images: [] };
  const view = viewOutputs(outputs, canRead === false ? {} : { id });
  const { images, line } = limitImages(view.images, canRead === false ? null : id);
  return {
    text: [view.text, line].filter((part) => part !== "").join("\n"),
    images: images.map((image): Part => ({ type: "image", ...image })),
  };
}

function headline(context: ToolContext, id: CellId, { status, durationMs }: Execution): string {
  const seconds = `${(durationMs / 1000).toFixed(1)}s`;
  if (status !== "interrupted") return `${id} ${status} ${seconds}`;
  return `${id} interrupted ${seconds} (limit ${context.limits.cellTimeoutMs / 1000} s a cell)`;
}

/** `c7 edited -> stale: c9 (uses df)`: said once, in the result of the call that caused it. */
function staleEdits(notebook: Notebook, id: CellId): { edits: readonly Edit[]; line: string } {
  const stale = staleAfter(notebook, id);
  const reasons = stale.map((cell) => `${cell.id} (uses ${cell.names.join(", ")})`);
  return {
    edits: stale.map((cell): Edit => ({ type: "cell-marked", id: cell.id, mark: { state: "stale" } })),
    line: stale.length === 0 ? "" : `${id} changed -> stale: ${reasons.join(", ")}`,
  };
}
