// Owns: which of an output's representations a model reads, and as what. The pictures go beside the text.
import { plotlySummary, vegaSummary } from "./chart-summary.ts";
import { dataFrameText } from "./data-frame.ts";
import { htmlText } from "./html-text.ts";
import type { OutputImage } from "./image.ts";
import { jsonTable } from "./json-table.ts";
import { joined } from "./mime-text.ts";
import { pictureIn, type Bundle } from "./picture.ts";
import { withoutBlobs } from "./blobs.ts";

/** Reprs that say only that there is an object. */
const USELESS = /^\s*(?:\[?<[\w.\s]*(?:object|Figure|Axes\w*|figure)\b[^\n]*>\]?|Figure\(.*\)|\.\.\.)\s*$/;

/** The text that stands for a mime bundle, with a placeholder for each picture; empty when there is nothing to say. */
export function displayText(data: Bundle): {
  readonly text: string;
  readonly images: readonly OutputImage[];
} {
  const picture = pictureIn(data);
  const said = words(data, picture !== null);
  const text = [said, picture?.placeholder ?? ""].filter((part) => part !== "").join("\n");
  return { text, images: picture === null ? [] : [picture.image] };
}

function words(data: Bundle, pictured: boolean): string {
  const chart = chartText(data);
  if (chart !== null) return chart;
  const plain = joined(data["text/plain"] ?? "").trimEnd();
  if (Object.keys(data).some((mime) => mime.includes("widget-view"))) return widgetText(plain);
  for (const mime of ["text/markdown", "text/latex"]) {
    if (data[mime] !== undefined) return joined(data[mime]);
  }
  const html = data["text/html"] === undefined ? "" : joined(data["text/html"]);
  const frame = html.includes("dataframe") ? dataFrameText(html) : null;
  if (frame !== null && (plain === "" || frame.length <= plain.length)) return frame;
  if (plain !== "" && !USELESS.test(plain)) return plain;
  const table = Object.keys(data).find((mime) => mime.endsWith("+json"));
  const rows = table === undefined ? null : jsonTable(data[table]);
  if (rows !== null) return rows;
  if (html !== "")
    return htmlText(withoutBlobs(html)) || (pictured ? "" : `[html, ${html.length} characters]`);
  if (data["application/json"] !== undefined) return joined(data["application/json"]);
  if (pictured || data["application/javascript"] !== undefined) return "";
  if (data["image/svg+xml"] !== undefined) return `[svg, ${joined(data["image/svg+xml"]).length} characters]`;
  const others = Object.entries(data).filter(([mime]) => mime !== "text/plain");
  return others.map(([mime, value]) => `[${mime}, ${joined(value).length} characters]`).join(" ") || plain;
}

function chartText(data: Bundle): string | null {
  const mime = Object.keys(data).find((kind) => /plotly|vega/.test(kind));
  if (mime === undefined) return null;
  return mime.includes("plotly") ? plotlySummary(data[mime]) : vegaSummary(data[mime]);
}

/** A widget's value, or nothing: boxes and outputs only hold others. */
function widgetText(plain: string): string {
  const line = plain.replace(/\s+/g, " ");
  return /^(?:[HV]Box|Output|Layout|Accordion|Tab)\(/.test(line) ? "" : line.slice(0, 120);
}
