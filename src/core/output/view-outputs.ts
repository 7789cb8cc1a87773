// Owns: a cell's outputs as text for a model. The notebook keeps the raw outputs; what is left out is announced.
import type { CellId, Output, Notebook } from "../../contracts/index.ts";
import { withoutBlobs } from "./blobs.ts";
import { capText, clipToLimits, type ClipLimits, linesOf, type Line, shortenLine } from "./clip.ts";
import { withoutControls, toScreenText } from "./terminal.ts";
import { displayText } from "./display.ts";
import type { OutputImage } from "./pictures.ts";
import { mimeText } from "../untrusted.ts";
import { foldSimilar } from "./similar-lines.ts";
import { shortenTraceback } from "./traceback.ts";
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
  readonly maxLines?: number | undefined;
  /** Default 700. */
  readonly maxTokens?: number | undefined;
  /** Characters of a line. Default 400. */
  readonly maxColumns?: number | undefined;
  readonly countTokens?: ClipLimits["countTokens"];
}

/** One output: everything it says, and the lines of that which are shown. */
interface OutputText {
  readonly whole: string;
  readonly shown: readonly Line[];
  readonly images: readonly OutputImage[];
}

/** The outputs as text within the limits. */
export function viewOutputs(outputs: readonly Output[], limits: ViewLimits = {}): OutputView {
  const { id, maxLines = 60, maxTokens = 700, maxColumns = 400, countTokens } = limits;
  const said = mergeStreams(outputs).map(readOutput);
  const lines = numberLines(said).map((line) => ({ ...line, text: shortenLine(line.text, maxColumns) }));
  const remedy = id === undefined ? undefined : (from: number) => `read(${id}, output, from=${from})`;
  const text = clipToLimits(lines, { maxLines, maxTokens, countTokens, remedy });
  return { text: text.trimEnd(), images: distinctImages(said.flatMap(({ images }) => images)) };
}

/** Everything the outputs say, unclipped: what `read` searches and counts lines in. */
export function fullOutputText(outputs: readonly Output[]): string {
  return mergeStreams(outputs)
    .map(readOutput)
    .filter(({ whole }) => whole !== "")
    .map(({ whole }) => whole)
    .join("\n");
}

/** Consecutive pieces of one stream as one text: a progress bar overwrites itself across them. */
function mergeStreams(outputs: readonly Output[]): readonly Output[] {
  const all: Output[] = [];
  for (const output of outputs) {
    const last = all.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      all[all.length - 1] = { ...last, text: mimeText(last.text) + mimeText(output.text) };
    } else all.push(output);
  }
  return all;
}

function readOutput(output: Output): OutputText {
  switch (output.output_type) {
    case "stream":
      return readText(plainText(mimeText(output.text)));
    case "error":
      return readError(output.ename, output.evalue, plainText(output.traceback.join("\n")));
    case "display_data":
    case "execute_result": {
      const { text, images } = displayText(output.data);
      return { ...readText(plainText(text)), images };
    }
  }
}

function plainText(text: string): string {
  return withoutBlobs(withoutControls(toScreenText(capText(text))))
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, "")
    .replace(/^\n+|(?<!\n)\n+$/g, "");
}

function readText(whole: string): OutputText {
  return { whole, shown: whole === "" ? [] : foldSimilar(linesOf(whole)), images: [] };
}

/** The short form stands for the whole traceback, which `read` shows. */
function readError(name: string, value: string, traceback: string): OutputText {
  const message = `${name}: ${plainText(value)}`;
  const whole = traceback.includes(message.trim())
    ? traceback
    : [traceback, message].filter(Boolean).join("\n");
  const last = whole.split("\n").length;
  const shown = shortenTraceback(name, plainText(value), traceback).flatMap((text) => text.split("\n"));
  return { whole, shown: shown.map((text) => ({ text, from: 1, to: last })), images: [] };
}

/** The shown lines of all outputs, with their places in the text of all. */
function numberLines(said: readonly OutputText[]): Line[] {
  let before = 0;
  return said.flatMap(({ whole, shown }) => {
    const lines = shown.map(({ text, from, to }) => ({ text, from: from + before, to: to + before }));
    if (whole !== "") before += whole.split("\n").length;
    return lines;
  });
}

function distinctImages(images: readonly OutputImage[]): readonly OutputImage[] {
  return [...new Map(images.map((image) => [image.base64, image])).values()];
}

/** Outputs shorter than this, as JSON, cost less than their announcement. */
const WORTH_NAMING = 400;

/** The first other cell whose outputs are the same, to the byte; null when there is none or it is not worth it. */
export function sameOutputAs(notebook: Notebook, id: CellId, outputs: readonly Output[]): CellId | null {
  const text = jsonOf(outputs);
  if (text.length < WORTH_NAMING) return null;
  const earlier = notebook.cells.find(
    (cell) => isCode(cell) && cell.id !== id && jsonOf(cell.outputs) === text,
  );
  return earlier?.id ?? null;
}

/** Without the count that every execution changes. */
function jsonOf(outputs: readonly Output[]): string {
  return JSON.stringify(outputs, (key, value: unknown) => (key === "execution_count" ? undefined : value));
}
