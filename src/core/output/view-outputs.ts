// Owns: a cell's outputs as text for a model. The notebook keeps the raw outputs; what is left out is announced.
import type { CellId, Output, Notebook } from "../../contracts/index.ts";
import { withoutBlobs } from "./blobs.ts";
import { capped, clipped, type ClipLimits, linesOf, type Line, shortLine } from "./clip.ts";
import { withoutControls, asOnScreen } from "./terminal.ts";
import { displayText } from "./display.ts";
import type { OutputImage } from "./pictures.ts";
import { textOf } from "../untrusted.ts";
import { foldSimilar } from "./similar-lines.ts";
import { tracebackLines } from "./traceback.ts";
import { isCode } from "../notebook/notebook.ts";

export interface OutputView {
  readonly text: string;
  /** In order of appearance, each once; each has a placeholder in the text. */
  readonly images: readonly OutputImage[];
}

export interface ViewLimits {
  /** Names the cell in announcements, so that they say which call shows what is missing. */
  readonly id?: CellId | undefined;
  /** Default 60. */
  readonly maxLines?: number;
  /** Default 700. */
  readonly maxTokens?: number;
  /** Characters of a line; default 400. */
  readonly maxColumns?: number;
  readonly countTokens?: ClipLimits["countTokens"];
}

/** One output: everything it says, and the lines of that which are shown. */
interface Said {
  readonly whole: string;
  readonly shown: readonly Line[];
  readonly images: readonly OutputImage[];
}

/** The outputs as text within the limits. */
export function viewOutputs(outputs: readonly Output[], limits: ViewLimits = {}): OutputView {
  const { id, maxLines = 60, maxTokens = 700, maxColumns = 400, countTokens } = limits;
  const said = merged(outputs).map(sayOutput);
  const lines = numbered(said).map((line) => ({ ...line, text: shortLine(line.text, maxColumns) }));
  const remedy = id === undefined ? undefined : (from: number) => `read(${id}, output, from=${from})`;
  const text = clipped(lines, { maxLines, maxTokens, countTokens, remedy });
  return { text: text.trimEnd(), images: distinct(said.flatMap(({ images }) => images)) };
}

/** Everything the outputs say, unclipped: what `read` searches and counts lines in. */
export function fullOutputText(outputs: readonly Output[]): string {
  return merged(outputs)
    .map(sayOutput)
    .filter(({ whole }) => whole !== "")
    .map(({ whole }) => whole)
    .join("\n");
}

/** Pieces of one stream that came one after the other are one text: a progress bar is overwritten across them. */
function merged(outputs: readonly Output[]): readonly Output[] {
  const all: Output[] = [];
  for (const output of outputs) {
    const last = all.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      all[all.length - 1] = { ...last, text: textOf(last.text) + textOf(output.text) };
    } else all.push(output);
  }
  return all;
}

function sayOutput(output: Output): Said {
  switch (output.output_type) {
    case "stream":
      return sayText(cleaned(textOf(output.text)));
    case "error":
      return sayError(output.ename, output.evalue, cleaned(output.traceback.join("\n")));
    case "display_data":
    case "execute_result": {
      const { text, images } = displayText(output.data);
      return { ...sayText(cleaned(text)), images };
    }
  }
}

function cleaned(text: string): string {
  return withoutBlobs(withoutControls(asOnScreen(capped(text))))
    .replace(/[^\S\n]+$/gm, "")
    .replace(/^\n+|\n+$/g, "");
}

function sayText(whole: string): Said {
  return { whole, shown: whole === "" ? [] : foldSimilar(linesOf(whole)), images: [] };
}

/** The short form stands for the whole traceback, which `read` shows. */
function sayError(name: string, value: string, traceback: string): Said {
  const message = `${name}: ${cleaned(value)}`;
  const whole = traceback.includes(message.trim())
    ? traceback
    : [traceback, message].filter(Boolean).join("\n");
  const last = whole.split("\n").length;
  const shown = tracebackLines(name, cleaned(value), traceback).flatMap((text) => text.split("\n"));
  return { whole, shown: shown.map((text) => ({ text, from: 1, to: last })), images: [] };
}

/** The shown lines of all outputs, with their places in the text of all. */
function numbered(said: readonly Said[]): Line[] {
  let before = 0;
  return said.flatMap(({ whole, shown }) => {
    const lines = shown.map(({ text, from, to }) => ({ text, from: from + before, to: to + before }));
    if (whole !== "") before += whole.split("\n").length;
    return lines;
  });
}

function distinct(images: readonly OutputImage[]): readonly OutputImage[] {
  return [...new Map(images.map((image) => [image.base64, image])).values()];
}

/** Outputs shorter than this, as JSON, cost less than their announcement. */
const WORTH_NAMING = 400;

/** The first other cell whose outputs are the same, to the byte; null when there is none or it is not worth it. */
export function sameOutputAs(notebook: Notebook, id: CellId, outputs: readonly Output[]): CellId | null {
  const text = bodyOf(outputs);
  if (text.length < WORTH_NAMING) return null;
  const earlier = notebook.cells.find(
    (cell) => isCode(cell) && cell.id !== id && bodyOf(cell.outputs) === text,
  );
  return earlier?.id ?? null;
}

/** Without the count that every execution changes. */
function bodyOf(outputs: readonly Output[]): string {
  return JSON.stringify(outputs, (key, value: unknown) => (key === "execution_count" ? undefined : value));
}
