// Owns: the text that stands for one displayed output: which of its representations a model reads, and as what.
import { dataFrameText, htmlText, jsonTable } from "./tables.ts";
import { type OutputImage, pictureIn, type MimeData } from "./pictures.ts";
import { isRecord, parseJson, mimeText } from "../untrusted.ts";
import { withoutBlobs } from "./blobs.ts";
import { capText } from "./clip.ts";

/** Whether a representation only says that there is an object: `<Figure size 640x480>`, `[<matplotlib.lines.Line2D object>]`. */
function isUseless(plain: string): boolean {
  const text = plain.trim();
  if (text === "...") return true;
  if (text.startsWith("Figure(")) return text.endsWith(")") && !text.includes("\n");
  const [head = "", named = ""] = /^\[?<([\w.\s]*)/.exec(text) ?? [];
  const kind = [...named.matchAll(/(?:object|Figure|figure|Axes\w*)\b/g)].at(-1);
  if (kind === undefined || !/>\]?$/.test(text)) return false;
  return !text.includes("\n", head.length - named.length + kind.index);
}

/** The text that stands for a mime bundle, with a placeholder for each picture; `metadata`: that of the output; empty when there is nothing to say. */
export function displayText(
  data: MimeData,
  metadata: MimeData = {},
): {
  readonly text: string;
  readonly images: readonly OutputImage[];
} {
  const picture = pictureIn(data, metadata);
  const said = readableText(data, picture !== null);
  const text = [said, picture?.placeholder ?? ""].filter((part) => part !== "").join("\n");
  return { text, images: picture === null ? [] : [picture.image] };
}

function readableText(data: MimeData, pictured: boolean): string {
  const chart = chartText(data);
  if (chart !== null) return chart;
  const plain = mimeText(data["text/plain"] ?? "").trimEnd();
  if (Object.keys(data).some((mime) => mime.includes("widget-view"))) return widgetText(plain);
  for (const mime of ["text/markdown", "text/latex"]) {
    if (data[mime] !== undefined) return mimeText(data[mime]);
  }
  const page = data["text/html"] === undefined ? "" : mimeText(data["text/html"]);
  const html = capText(page);
  const frame = html.includes("dataframe") ? dataFrameText(html) : null;
  if (frame !== null && (plain === "" || frame.length <= plain.length)) return frame;
  if (plain !== "" && !isUseless(plain)) return plain;
  const table = Object.keys(data).find((mime) => mime.endsWith("+json"));
  const rows = table === undefined ? null : jsonTable(data[table]);
  if (rows !== null) return rows;
  if (html !== "")
    return htmlText(withoutBlobs(html)) || (pictured ? "" : `[html, ${page.length} characters]`);
  if (data["application/json"] !== undefined) return mimeText(data["application/json"]);
  if (pictured || data["application/javascript"] !== undefined) return "";
  if (data["image/svg+xml"] !== undefined)
    return `[svg, ${mimeText(data["image/svg+xml"]).length} characters]`;
  const others = Object.entries(data).filter(([mime]) => mime !== "text/plain");
  return others.map(([mime, value]) => `[${mime}, ${mimeText(value).length} characters]`).join(" ") || plain;
}

function chartText(data: MimeData): string | null {
  const mime = Object.keys(data).find((kind) => /plotly|vega/.test(kind));
  if (mime === undefined) return null;
  return mime.includes("plotly") ? describePlotly(data[mime]) : describeVega(data[mime]);
}

/** A widget's value, or nothing: boxes and outputs only hold others. */
function widgetText(plain: string): string {
  const line = plain.replace(/\s+/g, " ");
  return /^(?:[HV]Box|Output|Layout|Accordion|Tab)\(/.test(line) ? "" : line.slice(0, 120);
}

/** `[plotly: 2 scatter, title "Loss", traces train/val, 400 points]`. */
export function describePlotly(value: unknown): string {
  const figure = parseRecord(value);
  const traces = Array.isArray(figure?.["data"]) ? figure["data"].filter(isRecord) : [];
  const kinds = countKinds(traces.map((trace) => textIn(trace, "type") ?? "scatter"));
  const names = traces.flatMap((trace) => textIn(trace, "name") ?? []).slice(0, 5);
  const points = traces.reduce((sum, trace) => sum + pointsOf(trace), 0);
  const title = titleOf(figure?.["layout"]);
  return `[plotly: ${[
    kinds || "no traces",
    ...(title === null ? [] : [`title "${title}"`]),
    ...(names.length > 0 ? [`traces ${names.join("/")}`] : []),
    `${points} points`,
  ].join(", ")}]`;
}

/** `[vega: point, title "Cars", x Horsepower, y Miles]`. */
export function describeVega(value: unknown): string {
  const spec = parseRecord(value);
  const mark = spec?.["mark"];
  const kind = typeof mark === "string" ? mark : isRecord(mark) ? textIn(mark, "type") : null;
  const encoding = isRecord(spec?.["encoding"]) ? Object.entries(spec["encoding"]) : [];
  const fields = encoding.flatMap(([channel, to]) => {
    const field = isRecord(to) ? textIn(to, "field") : null;
    return field === null ? [] : [`${channel} ${field}`];
  });
  const title = titleOf(spec);
  return `[vega: ${[kind ?? "chart", ...(title === null ? [] : [`title "${title}"`]), ...fields.slice(0, 6)].join(", ")}]`;
}

function parseRecord(value: unknown): { readonly [key: string]: unknown } | null {
  const json = typeof value === "string" ? parseJson(value) : value;
  return isRecord(json) ? json : null;
}

function pointsOf(trace: { readonly [key: string]: unknown }): number {
  const axes = ["x", "y", "z", "values", "lat"].map((axis) => trace[axis]);
  return Math.max(0, ...axes.map((axis) => (Array.isArray(axis) ? axis.length : 0)));
}

function titleOf(holder: unknown): string | null {
  if (!isRecord(holder)) return null;
  const title = holder["title"];
  const text = typeof title === "string" ? title : isRecord(title) ? textIn(title, "text") : null;
  return text === null || text === "" ? null : text.slice(0, 80);
}

function textIn(holder: { readonly [key: string]: unknown }, key: string): string | null {
  const value = holder[key];
  return typeof value === "string" && value !== "" ? value.slice(0, 60) : null;
}

function countKinds(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(" ");
}
