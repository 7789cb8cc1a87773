// Owns: a data frame as tab-separated values, read from the HTML that pandas writes. Numbers are copied as they stand.
import { unescaped } from "./html-text.ts";

const TABLE = /<table[^>]*class="[^"]*dataframe[^"]*"[^>]*>([\s\S]*?)<\/table>/i;
const SHAPE = /<p>\s*(\d[\d,]*)\s+rows?\s+(?:×|x|&times;)\s+(\d[\d,]*)\s+columns?\s*<\/p>/i;

/** The frame as TSV with its shape, or null when it is no plain grid (merged headers, tags or lines in cells). */
export function dataFrameText(html: string): string | null {
  const table = TABLE.exec(html)?.[1];
  if (table === undefined || /\b(?:col|row)span=/i.test(table)) return null;
  const rows = [...table.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/gi)].map(([, row = ""]) => cellsOf(row));
  const width = rows[0]?.length ?? 0;
  if (width < 2 || rows.some((row) => row.length !== width)) return null;
  if (rows.some((row) => row.some((cell) => /[\n\t<]/.test(cell)))) return null;
  const shape = SHAPE.exec(html);
  const lines = rows.map((row) => row.map(unescaped).join("\t"));
  return [...lines, ...(shape === null ? [] : [`[${shape[1]} rows x ${shape[2]} columns]`])].join("\n");
}

function cellsOf(row: string): string[] {
  return [...row.matchAll(/<t([hd])[^>]*>([\s\S]*?)<\/t\1>/gi)].map(([, , cell = ""]) => cell.trim());
}
