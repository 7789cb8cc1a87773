// Owns: a table given as JSON records (data frames of other languages) as tab-separated values.
import { isRecord, type LooseRecord } from "../untrusted.ts";

const MOST_ROWS = 12;

/** The first list of flat records in the value as TSV, rows past the twelfth counted; null when there is none. */
export function jsonTable(value: unknown): string | null {
  const records = recordsIn(parsed(value), 2);
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
  return typeof value === "string" ? value.replace(/\s+/g, " ").slice(0, 60) : JSON.stringify(value ?? null);
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return null; // not JSON: no table
  }
}
