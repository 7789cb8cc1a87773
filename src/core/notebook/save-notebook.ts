// Owns: the text of an .ipynb file, laid out as Jupyter's own writer lays it out. Never writes a file.
// Source: nbformat/v4/nbjson.py (sorted keys, 1 space) and split_lines in nbformat/v4/rwbase.py.
import type { Cell, Notebook, Output } from "../../contracts/index.ts";
import { loadNotebook } from "./load-notebook.ts";
import { isRecord, type LooseRecord } from "../untrusted.ts";

/** The notebook as Jupyter would save it; always valid nbformat 4.5, and read back equal. */
export function stringifyNotebook(notebook: Notebook): string {
  const { cells, ...rest } = loadNotebook(notebook, "the notebook");
  return `${JSON.stringify(sortKeys({ ...rest, cells: cells.map(cellOnDisk) }), null, 1)}\n`;
}

function cellOnDisk(cell: Cell): LooseRecord {
  const source = splitKeepingEnds(cell.source);
  if (cell.cell_type === "code") return { ...cell, source, outputs: cell.outputs.map(outputOnDisk) };
  if (cell.attachments === undefined) return { ...cell, source };
  const attachments = Object.entries(cell.attachments).map(([name, data]) => [name, bundleOnDisk(data)]);
  return { ...cell, source, attachments: Object.fromEntries(attachments) };
}

function outputOnDisk(output: Output): LooseRecord {
  if (output.output_type === "stream")
    return { ...output, text: typeof output.text === "string" ? splitKeepingEnds(output.text) : output.text };
  return output.output_type === "error" ? output : { ...output, data: bundleOnDisk(output.data) };
}

function bundleOnDisk(data: LooseRecord): LooseRecord {
  const inLines = (mime: string): boolean =>
    mime.startsWith("text/") || mime === "application/javascript" || mime === "image/svg+xml";
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => [
      mime,
      typeof value === "string" && inLines(mime) ? splitKeepingEnds(value) : value,
    ]),
  );
}

// The line ends of Python's str.splitlines. Source: docs.python.org, library/stdtypes, str.splitlines.
// oxlint-disable-next-line no-control-regex
const LINE_END = /(?<=[\n\v\f\x1c-\x1e\x85\u2028\u2029]|\r(?!\n))/;

/** Lines that keep their ends; no lines for an empty text. */
function splitKeepingEnds(text: string): readonly string[] {
  return text === "" ? [] : text.split(LINE_END);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}
