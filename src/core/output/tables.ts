// Owns: HTML and JSON tables as text. Numbers are copied as they stand; HTML is never rendered.
import { isRecord, parseJson, type LooseRecord } from "../untrusted.ts";

/** Tags of tables. Each is looked at once: nothing in a text makes a repetition begin again. */
const TABLE_TAG = /<(\/?)(table|tr|td|th)\b[^<>]*>/gi;
const SHAPE = /<p>\s*(\d[\d,]*)\s+rows?\s+(?:×|x|&times;)\s+(\d[\d,]*)\s+columns?\s*<\/p>/i;

/** The frame as TSV with its shape, or null when it is no plain grid (merged headers, tags or lines in cells). */
export function dataFrameText(html: string): string | null {
  const rows = frameRows(html);
  const width = rows?.[0]?.length ?? 0;
  if (rows === null || width < 2 || rows.some((row) => row.length !== width)) return null;
  if (rows.some((row) => row.some((cell) => /[\n\t<]/.test(cell)))) return null;
  const shape = SHAPE.exec(html);
  const lines = rows.map((row) => row.map(unescapeHtml).join("\t"));
  return [...lines, ...(shape === null ? [] : [`[${shape[1]} rows x ${shape[2]} columns]`])].join("\n");
}

/** The cells of the first table that is a frame; null where there is none, or one whose cells span others. */
function frameRows(html: string): string[][] | null {
  const rows: string[][] = [];
  let row: string[] | null = null;
  let cell: { readonly tag: string; readonly from: number } | null = null;
  let isInside = false;
  for (const { 0: whole, 1: slash = "", 2: name = "", index } of html.matchAll(TABLE_TAG)) {
    const tag = name.toLowerCase();
    const isOpening = slash === "";
    if (!isInside) {
      isInside = isOpening && tag === "table" && /class="[^"]*dataframe/i.test(whole);
    } else if (tag === "table") {
      if (!isOpening) return rows;
    } else if (isOpening && /\b(?:col|row)span=/i.test(whole)) {
      return null;
    } else if (tag === "tr") {
      if (isOpening) row ??= [];
      else if (row !== null) rows.push(row);
      if (!isOpening) row = null;
    } else if (isOpening) {
      cell ??= { tag, from: index + whole.length };
    } else if (cell?.tag === tag) {
      row?.push(html.slice(cell.from, index).trim());
      cell = null;
    }
  }
  return null;
}

const MOST_ROWS = 12;

/** The first list of flat records in the value as TSV, rows past the twelfth counted; null when there is none. */
export function jsonTable(value: unknown): string | null {
  const records = recordsIn(parseIfText(value), 2);
  const [first] = records ?? [];
  if (records === null || first === undefined) return null;
  const names = Object.keys(first);
  const rows = records
    .slice(0, MOST_ROWS)
    .map((record) => names.map((name) => cellText(record[name])).join("\t"));
  const more =
    records.length > MOST_ROWS ? [`... ${records.length - MOST_ROWS} more of the rows sent ...`] : [];
  return [names.join("\t"), ...rows, ...more].join("\n");
}

function recordsIn(value: unknown, depth: number): readonly LooseRecord[] | null {
  if (Array.isArray(value)) {
    const records = value.filter(isRecord);
    return records.length === value.length && records.every(isFlat) && records.length > 0 ? records : null;
  }
  if (!isRecord(value) || depth === 0) return null;
  for (const inner of Object.values(value)) {
    const found = recordsIn(inner, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function isFlat(record: LooseRecord): boolean {
  return Object.values(record).every((value) => typeof value !== "object" || value === null);
}

function cellText(value: unknown): string {
  return typeof value === "string"
    ? value.slice(0, 1_000).replace(/\s+/g, " ").slice(0, 60)
    : JSON.stringify(value ?? null);
}

function parseIfText(value: unknown): unknown {
  return typeof value === "string" ? parseJson(value) : value;
}

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: " ",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  times: "x",
  amp: "&",
};

/** Quoted values may hold anything, `>` included. */
const TAG = /<\/?[a-z!?][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>|<\/?[a-z][^<>]*>/gi;

/** The text between the tags, a line a block, table cells divided by ` | `. */
export function htmlText(html: string): string {
  const text = withoutScripts(html)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<br\s*\/?>|<\/(?:tr|p|div|li|h\d|table|pre|ul|ol)>/gi, "\n")
    .replace(/<\/t[dh]>(?=\s*<t[dh])/gi, " | ")
    .replace(TAG, "");
  return unescapeHtml(text)
    .split("\n")
    .map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** Scripts and styles as a space each; one that has no end goes to the end. */
function withoutScripts(html: string): string {
  let kept = "";
  let at = 0;
  let open = "";
  for (const { 1: slash = "", 2: name = "", index, 0: whole } of html.matchAll(/<(\/?)(script|style)\b/gi)) {
    if (open === "" && slash === "") {
      kept += `${html.slice(at, index)} `;
      open = name.toLowerCase();
    } else if (slash !== "" && open === name.toLowerCase()) {
      const end = html.indexOf(">", index);
      if (end < 0 || html.slice(index + whole.length, end).trim() !== "") continue;
      at = end + 1;
      open = "";
    }
  }
  return open === "" ? kept + html.slice(at) : kept;
}

/** The common named entities and all numbered ones as characters. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (typeof name === "string") return ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
