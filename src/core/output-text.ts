// Owns: one cell's outputs as text for a model. The notebook keeps the raw outputs; what is left out is announced.
import type { Output } from "../spec/index.ts";

export interface OutputImage {
  readonly mime: string;
  readonly base64: string;
}
export interface OutputView {
  readonly text: string;
  /** In order of appearance; each has a placeholder in the text. */
  readonly images: readonly OutputImage[];
}

// CSI and OSC sequences, as terminals read them. Source: ECMA-48, sections 5.4 and 8.3.89.
// oxlint-disable-next-line no-control-regex
const CONTROL_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\-_])/g;
const TEXT_MIMES = ["text/markdown", "text/latex", "text/plain", "application/json"];

/** The outputs as text of at most about `maxLines` lines, each of at most `maxColumns` characters. */
export function viewOutputs(outputs: readonly Output[], maxLines = 80, maxColumns = 500): OutputView {
  const images: OutputImage[] = [];
  const text = outputs.map((output) => outputText(output, images)).filter((part) => part !== "");
  return { text: clipLines(text.join("\n"), maxLines, maxColumns), images };
}

/** Everything the outputs say, unclipped: what `read` searches and counts lines in. */
export function fullOutputText(outputs: readonly Output[]): string {
  return outputs.map((output) => outputText(output, [])).join("\n");
}

/** Keeps the first 60% and the last 40% of the lines and says how many are missing. */
export function clipLines(text: string, maxLines: number, maxColumns: number): string {
  const lines = text.split("\n").map((line) => clipColumns(line, maxColumns));
  if (lines.length <= maxLines) return lines.join("\n");
  const head = Math.ceil(maxLines * 0.6);
  const tail = maxLines - head;
  const hidden = lines.length - head - tail;
  return [...lines.slice(0, head), `... ${hidden} lines omitted ...`, ...lines.slice(-tail)].join("\n");
}

function clipColumns(line: string, max: number): string {
  if (line.length <= max) return line;
  const head = Math.ceil(max * 0.7);
  const tail = max - head;
  return `${line.slice(0, head)} ... ${line.length - max} characters omitted ... ${line.slice(-tail)}`;
}

function outputText(output: Output, images: OutputImage[]): string {
  switch (output.output_type) {
    case "stream":
      return plain(joined(output.text));
    case "error":
      return errorText(output.ename, output.evalue, output.traceback);
    case "display_data":
    case "execute_result":
      return displayText(output.data, images);
  }
}

function errorText(name: string, value: string, traceback: readonly string[]): string {
  const text = plain(traceback.join("\n"));
  const last = `${name}: ${value}`;
  return text.includes(last.trim()) ? text : [text, last].filter((part) => part !== "").join("\n");
}

function displayText(data: { readonly [mime: string]: unknown }, images: OutputImage[]): string {
  const image = Object.keys(data).find((mime) => mime === "image/png" || mime === "image/jpeg");
  if (image !== undefined) {
    const base64 = joined(data[image]).replace(/\s/g, "");
    images.push({ mime: image, base64 });
    return `[${image}, ${Math.round((base64.length * 3) / 4 / 1024)} kB]`;
  }
  const mime = TEXT_MIMES.find((known) => data[known] !== undefined);
  if (mime !== undefined) return plain(joined(data[mime]));
  return Object.entries(data)
    .map(([kind, value]) => `[${kind}, ${joined(value).length} characters]`)
    .join(" ");
}

/** nbformat's multi-line strings, and JSON values as JSON. */
function joined(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  return JSON.stringify(value) ?? "";
}

/** Without control sequences; a line that was overwritten by carriage returns shows its last state. */
function plain(text: string): string {
  return text
    .replace(CONTROL_SEQUENCE, "")
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.trimEnd().lastIndexOf("\r") + 1).trimEnd())
    .join("\n")
    .replace(/\n+$/, "");
}
