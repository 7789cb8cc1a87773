// Owns: the notebook of a blob, read as a stranger's: of its metadata only nbevolve's marks, and those only as nbevolve writes
// them. Pure; never throws.
import type { Cell, CellMark, CellRole, CellState } from "../../contracts/index.ts";
import { loadOutputs } from "../../core/notebook/load-output.ts";
import {
  cleanSource,
  cleanText,
  clipLine,
  countOf,
  isRecord,
  MAX_DEPTH,
  measureJson,
  mimeText,
  multilineOf,
  recordOf,
  stringOf,
} from "../../core/untrusted.ts";

/** The cells of a notebook, or why they cannot be shown. */
export type ReadNotebook =
  { readonly ok: true; readonly cells: readonly Cell[] } | { readonly ok: false; readonly problem: string };

/** What a browser can hold beside all else. */
const MOST_BYTES = 256 << 20;
const MOST_CELLS = 20_000;
const MOST_VALUES = 5_000_000;

export function readNotebook(bytes: Uint8Array): ReadNotebook {
  const size = `${Math.round(bytes.length / (1 << 20))} MiB`;
  if (bytes.length > MOST_BYTES) return refuse(`it takes ${size}; an export writes it to a file`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return refuse("it is no JSON");
  }
  const tooMuch = measureJson(value, MAX_DEPTH, MOST_VALUES);
  if (tooMuch !== null)
    return refuse(tooMuch === "deep" ? "its data are nested too deep" : "it holds too many values");
  const found = recordOf(value)["cells"];
  if (!Array.isArray(found)) return refuse("it has no cells");
  if (found.length > MOST_CELLS) return refuse(`it has ${found.length} cells`);
  const taken = new Set<string>();
  return { ok: true, cells: found.map((cell: unknown, at) => readCell(cell, at, taken)) };
}

function refuse(why: string): ReadNotebook {
  return { ok: false, problem: `The notebook is not shown: ${why}.` };
}

/** Ids are what cells are known by: each is used once. */
function readCell(value: unknown, at: number, taken: Set<string>): Cell {
  const cell = recordOf(value);
  const said = clipLine(cleanText(stringOf(cell["id"])), 64);
  const id = said === "" || taken.has(said) ? `cell ${at + 1}` : said;
  taken.add(id);
  const mark = readMark(recordOf(cell["metadata"])["nbevolve"]);
  const metadata = mark === null ? {} : { nbevolve: mark };
  const source = cleanSource(multilineOf(cell["source"]) ?? "");
  const kind = cell["cell_type"] === "code" ? "code" : cell["cell_type"] === "markdown" ? "markdown" : "raw";
  if (kind === "code")
    return {
      ...{ cell_type: kind, id, source, metadata },
      execution_count: countOf(cell["execution_count"]),
      outputs: loadOutputs(cell["outputs"]),
    };
  return { cell_type: kind, id, source, metadata, attachments: readAttachments(cell["attachments"]) };
}

function readAttachments(value: unknown): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    Object.entries(recordOf(value))
      .slice(0, 100)
      .map(([name, bundle]) => [
        name,
        Object.fromEntries(
          Object.entries(recordOf(bundle)).map(([mime, content]) => [mime, mimeText(content)]),
        ),
      ]),
  );
}

const ROLES: readonly CellRole[] = ["task", "plan", "summary", "note", "code"];
const STATES: readonly CellState[] = ["clean", "failed", "stale", "dirty", "unexecuted"];

function readMark(value: unknown): CellMark | null {
  if (!isRecord(value)) return null;
  const role = ROLES.find((one) => one === value["role"]);
  const round = countOf(value["round"]);
  if (role === undefined || round === null) return null;
  const state = STATES.find((one) => one === value["state"]);
  const { summary, durationMs } = value;
  const from = recordOf(value["from"]);
  const [branch, cell] = [word(from["branch"]), word(from["cell"])];
  return {
    role,
    round,
    folded: value["folded"] === true,
    pinned: value["pinned"] === true,
    ...(state === undefined ? {} : { state }),
    ...(typeof summary === "string" ? { summary: clipLine(cleanText(summary), 300) } : {}),
    ...(typeof durationMs === "number" && durationMs >= 0 ? { durationMs } : {}),
    ...(branch === "" ? {} : { from: { branch, cell } }),
  };
}

function word(value: unknown): string {
  return clipLine(cleanText(stringOf(value)), 40);
}
