// Owns: a cell's outputs as text for a model. The notebook keeps the raw outputs; what is left out is announced.
import type { CellId, Output, Notebook } from "../../contracts/index.ts";
import { withoutBlobs } from "./blobs.ts";
import {
  capText,
  clipToLimits,
  type ClipLimits,
  linesOf,
  type Line,
  MOST_CHARACTERS,
  shortenLine,
} from "./clip.ts";
import { withoutControls, toScreenText } from "./terminal.ts";
import { displayText } from "./display.ts";
import type { OutputImage } from "./pictures.ts";
import { isRecord, mimeText } from "../untrusted.ts";
import { foldSimilar } from "./similar-lines.ts";
import { shortenTraceback } from "./traceback.ts";
import { isCode } from "../notebook/notebook.ts";

/** The outputs of a cell as a model is shown them. */
export interface OutputView {
  readonly text: string;
  /** In order of appearance, each once; each has a placeholder in the text. */
  readonly images: readonly OutputImage[];
}

/** How much of the outputs is shown. */
export interface ViewLimits {
  /** Names the cell in announcements, so that they say which call shows what is missing. */
  readonly id?: CellId | undefined;
  /** Default 60. */
  readonly maxLines?: number | undefined;
  /** Default 700. */
  readonly maxTokens?: number | undefined;
  /** Characters of a line. Default 400. */
  readonly maxColumns?: number | undefined;
  /** Default: an estimate. */
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
  const said = readOutputs(outputs);
  const lines = numberLines(said).map((line) => ({ ...line, text: shortenLine(line.text, maxColumns) }));
  const remedy = id === undefined ? undefined : (from: number) => `read(${id}, output, from=${from})`;
  const text = clipToLimits(lines, { maxLines, maxTokens, countTokens, remedy });
  return { text: text.trimEnd(), images: distinctImages(said.flatMap(({ images }) => images)) };
}

/** Everything the outputs say, unclipped: what `read` searches and counts lines in. */
export function fullOutputText(outputs: readonly Output[]): string {
  return readOutputs(outputs)
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

/** Characters of an output that are looked at in any case, however much those before it said. */
const FEWEST_CHARACTERS = 10_000;

/** All of them together say about as much as one may, or a little each. */
function readOutputs(outputs: readonly Output[]): readonly OutputText[] {
  let left = MOST_CHARACTERS;
  return mergeStreams(outputs).map((output) => {
    const read = readOutput(output, Math.max(FEWEST_CHARACTERS, left));
    left -= read.whole.length;
    return read;
  });
}

function readOutput(output: Output, most: number): OutputText {
  switch (output.output_type) {
    case "stream":
      return readText(plainText(mimeText(output.text), most));
    case "error":
      return readError(
        output.ename,
        plainText(output.evalue, most),
        plainText(output.traceback.join("\n"), most),
      );
    case "display_data":
    case "execute_result": {
      const { text, images } = displayText(output.data, output.metadata);
      return { ...readText(plainText(text, most)), images };
    }
  }
}

function plainText(text: string, most: number): string {
  return withoutBlobs(withoutControls(toScreenText(capText(text, most))))
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, "")
    .replace(/^\n+|(?<!\n)\n+$/g, "");
}

function readText(whole: string): OutputText {
  return { whole, shown: whole === "" ? [] : foldSimilar(linesOf(whole)), images: [] };
}

/** The short form stands for the whole traceback, which `read` shows. */
function readError(name: string, value: string, traceback: string): OutputText {
  const message = `${name}: ${value}`;
  const whole = traceback.includes(message.trim())
    ? traceback
    : [traceback, message].filter(Boolean).join("\n");
  const last = whole.split("\n").length;
  const shown = shortenTraceback(name, value, traceback).flatMap((text) => text.split("\n"));
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
  if (sizeOf(outputs) < WORTH_NAMING) return null;
  const earlier = notebook.cells.find(
    (cell) => isCode(cell) && cell.id !== id && isSame(cell.outputs, outputs),
  );
  return earlier?.id ?? null;
}

/** As JSON, as far as it matters here. */
function sizeOf(outputs: readonly Output[]): number {
  const shorten = (key: string, value: unknown): unknown =>
    key === COUNT ? undefined : typeof value === "string" ? value.slice(0, WORTH_NAMING) : value;
  return JSON.stringify(outputs, shorten).length;
}

/** Every execution changes it. */
const COUNT = "execution_count";

/** Whether the values are equal; the first difference ends it. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one))
    return (
      Array.isArray(other) && one.length === other.length && one.every((item, at) => isSame(item, other[at]))
    );
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const [keys, others] = [one, other].map((record) => Object.keys(record).filter((key) => key !== COUNT));
  return keys?.length === others?.length && keys?.every((key) => isSame(one[key], other[key])) === true;
}
