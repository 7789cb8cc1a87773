// Owns: the tool `read`: a part of a cell's source or output that the view left out.
import { runInNewContext } from "node:vm";
import * as z from "zod";
import { findCell, isCode } from "../../core/notebook/notebook.ts";
import { limitImages } from "../../core/output/pictures.ts";
import { fullOutputText, viewOutputs } from "../../core/output/view-outputs.ts";
import { isRecord } from "../../core/untrusted.ts";
import type { Cell, ToolContext, Part, ToolResult } from "../../contracts/index.ts";
import { defineTool, toolFailure, toolSuccess } from "./define-tool.ts";

const MOST_LINES = 200;
const MOST_COLUMNS = 2000;
const MOST_TOKENS = 1500;

/** Shows a part of a cell's source or output that the view left out. */
export const read = defineTool({
  name: "read",
  description: "Show a cell's source, output or images: lines from `from`, or those matching `grep`.",
  parameters: z.strictObject({
    id: z.string(),
    what: z.enum(["source", "output", "image"]).optional(),
    from: z.int().min(1).optional(),
    lines: z.int().min(1).max(MOST_LINES).optional(),
    grep: z.string().optional(),
  }),
  run(args, context) {
    const cell = findCell(context.notebook, args.id);
    if (cell === undefined) return toolFailure(`There is no cell ${args.id}.`);
    if (args.what === "image") return showImages(cell, context, args.from);
    if (args.what === "output" && args.from === undefined && args.grep === undefined)
      return showOverview(cell);
    const text = args.what === "output" ? outputOf(cell) : cell.source;
    const lines = text.split("\n").map((line, i) => ({ number: i + 1, line }));
    const matching = args.grep === undefined ? lines : findMatches(lines, args.grep);
    if (typeof matching === "string") return toolFailure(`grep: ${JSON.stringify(args.grep)} ${matching}.`);
    const start = args.grep === undefined ? (args.from ?? 1) - 1 : 0;
    const shown = matching.slice(start, start + (args.lines ?? MOST_LINES));
    const numbered = args.grep !== undefined;
    const first = shown[0]?.number ?? start + 1;
    const header = `${args.id} ${args.what ?? "source"}: ${shown.length} of ${matching.length} lines${numbered ? "" : `, from ${first}`}`;
    return toolSuccess(
      [header, ...shown.map(({ number, line }) => (numbered ? `${number}: ` : "") + clipLine(line))].join(
        "\n",
      ),
    );
  },
});

/** Without a range or a pattern: the shortened form, longer than in a result. */
function showOverview(cell: Cell): ToolResult {
  const outputs = isCode(cell) ? cell.outputs : [];
  const { text } = viewOutputs(outputs, { id: cell.id, maxLines: MOST_LINES, maxTokens: MOST_TOKENS });
  return toolSuccess(text === "" ? `${cell.id} has no output.` : `${cell.id} output:\n${text}`);
}

function outputOf(cell: Cell): string {
  return isCode(cell) ? fullOutputText(cell.outputs) : "";
}

/** The pattern is the model's: one that does not end is given up. */
const MATCH_MS = 500;

/** The lines that match, or what is wrong with the pattern, which the model hears of in the result. */
function findMatches<T extends { line: string }>(lines: readonly T[], pattern: string): T[] | string {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch {
    return "is not a regular expression";
  }
  const wanted = lines.map(({ line }) => line);
  try {
    const matches: unknown = runInNewContext(
      "lines.map((line) => expression.test(line))",
      { lines: wanted, expression },
      { timeout: MATCH_MS },
    );
    return lines.filter((_, at) => Array.isArray(matches) && matches[at] === true);
  } catch (error) {
    // It is an Error of the other context's.
    if (isRecord(error) && error["code"] === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      return "takes too long to match: write a simpler one";
    throw error;
  }
}

function showImages(cell: Cell, context: ToolContext, from = 1): ToolResult {
  const found = isCode(cell) ? viewOutputs(cell.outputs).images : [];
  if (found.length === 0) return toolFailure(`${cell.id} has no image.`);
  if (!context.seesImages)
    return toolFailure(`${cell.id} has ${found.length} image(s), but this model does not see images.`);
  const { images: sent, line } = limitImages(found, cell.id, from);
  return toolSuccess(
    [`${cell.id}: ${found.length} image(s)`, line].filter((part) => part !== "").join("\n"),
    [],
    sent.map((image): Part => ({ type: "image", ...image })),
  );
}

function clipLine(line: string): string {
  return line.length <= MOST_COLUMNS
    ? line
    : `${line.slice(0, MOST_COLUMNS)} ... (${line.length} characters)`;
}
