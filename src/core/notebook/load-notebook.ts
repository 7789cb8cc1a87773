// Owns: the text of an .ipynb file of any nbformat (1 to 4.x) as a notebook value. Mends what can be mended;
// what is no notebook is refused by name, place and remedy. Never reads a file.
// Source: nbformat's own upgrade rules, nbformat/v4/convert.py.
import type { Cell, CellId, Notebook } from "../../contracts/index.ts";
import { RunError } from "../errors.ts";
import { loadCellMetadata, loadNotebookMetadata } from "./load-metadata.ts";
import { loadMimeBundle, loadOutputs } from "./load-output.ts";
import { withoutReaderCells } from "./present-notebook.ts";
import {
  cleanSource,
  countOf,
  isRecord,
  type LooseRecord,
  MAX_DEPTH,
  measureJson,
  recordOf,
  multilineOf,
} from "../untrusted.ts";
import { type JsonFault, parsePythonJson } from "../python/python-json.ts";

/**
 * The notebook in a file's text. `name`: the file, for messages.
 * @throws RunError `bad-notebook` for what is no notebook (truncated, HTML, a git-lfs pointer, empty, no cells).
 */
export function parseNotebook(text: string, name: string): Notebook {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  refuseOtherFiles(plain, name);
  const json = parsePythonJson(plain);
  if (!json.ok) throw badNotebook(name, describeFault(json.fault));
  return withoutReaderCells(loadNotebook(json.value, name));
}

/**
 * The same for data that was parsed already. A valid notebook comes back equal.
 * @throws RunError `bad-notebook`
 */
export function loadNotebook(value: unknown, name: string): Notebook {
  if (!isRecord(value)) throw badNotebook(name, `it holds ${kindOf(value)}, not a notebook. ${SAVE_AGAIN}`);
  const tooMuch = measureJson(value, MAX_DEPTH, MOST_VALUES);
  if (tooMuch === "deep")
    throw badNotebook(name, `its data are nested more than ${MAX_DEPTH} levels deep. ${SAVE_AGAIN}`);
  if (tooMuch === "large") throw badNotebook(name, `it holds more than ${MOST_VALUES} values. ${CLEAR}`);
  const fromV3 = !Array.isArray(value["cells"]) || Number(value["nbformat"] ?? 4) < 4;
  const found = cellsOf(value, name);
  if (found.length > MOST_CELLS)
    throw badNotebook(name, `it has ${found.length} cells, and ${MOST_CELLS} are the most. Split it.`);
  const cells = found.map((cell, i) => {
    if (isRecord(cell)) return fromV3 ? joinLines(cell) : cell;
    throw badNotebook(name, `cell ${i + 1} is ${kindOf(cell)}, not a cell. Delete it from the file.`);
  });
  const ids = cellIds(cells.map((cell) => cell["id"]));
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: loadMetadata(value["metadata"], fromV3, name),
    cells: cells.map((cell, i) => loadCell(cell, ids[i] ?? `c${i + 1}`)),
  };
}

/** Every round looks at all cells, some again and again. */
const MOST_CELLS = 10_000;
/** Numbers, texts, lists and objects: what outputs hold in practice is far below. */
const MOST_VALUES = 5_000_000;

const CLEAR = "Clear its outputs in Jupyter and save it again.";
const SAVE_AGAIN = "Open it in Jupyter and save it again, or get a complete copy.";

function badNotebook(name: string, what: string): RunError {
  return new RunError("bad-notebook", `${name} is not a notebook that can be read: ${what}`);
}

function refuseOtherFiles(text: string, name: string): void {
  const start = text.slice(0, 1_000).trimStart();
  if (start === "" && text.trim() === "") throw badNotebook(name, "the file is empty. Get a complete copy.");
  if (start.startsWith("version https://git-lfs.github.com/"))
    throw badNotebook(name, "line 1: it is a git-lfs pointer. Run `git lfs pull` to get the real file.");
  if (start.startsWith("<"))
    throw badNotebook(name, "line 1: it is a web page (HTML or XML). Download the raw .ipynb file instead.");
}

function describeFault(fault: JsonFault): string {
  const remedy = fault.truncated ? "It is truncated: get a complete copy." : SAVE_AGAIN;
  return `line ${fault.line}, column ${fault.column}: ${fault.reason}. ${remedy}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function cellsOf(value: LooseRecord, name: string): readonly unknown[] {
  const major = Number(value["nbformat"] ?? 4);
  if (major > 4)
    throw badNotebook(name, `"nbformat" is ${major}; up to 4 can be read. Save it as nbformat 4 in Jupyter.`);
  if (Array.isArray(value["cells"])) return value["cells"];
  if (!Array.isArray(value["worksheets"]))
    throw badNotebook(name, `it has no list of "cells". ${SAVE_AGAIN}`);
  return value["worksheets"].flatMap((sheet: unknown) => {
    const cells = recordOf(sheet)["cells"];
    return Array.isArray(cells) ? cells : [];
  });
}

function loadMetadata(value: unknown, fromV3: boolean, name: string): Notebook["metadata"] {
  const own = recordOf(value)["nbevolve"];
  if (own !== undefined && own !== null && !isRecord(own))
    throw badNotebook(
      name,
      `metadata "nbevolve" is ${kindOf(own)}. Make it an object: { "direction": "minimize" }.`,
    );
  const { nbevolve, ...rest } = loadNotebookMetadata(value, fromV3);
  return isRecord(nbevolve) ? { ...rest, nbevolve } : rest;
}

/** Valid ids stay with the first cell that has them; the others get `c1`, `c2`, ... where free. */
function cellIds(found: readonly unknown[]): readonly CellId[] {
  const isValid = (id: unknown): id is CellId => typeof id === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(id);
  const taken = new Set(found.filter(isValid));
  const used = new Set<CellId>();
  let number = 0;
  return found.map((id) => {
    if (isValid(id) && !used.has(id)) {
      used.add(id);
      return id;
    }
    do number += 1;
    while (taken.has(`c${number}`));
    return `c${number}`;
  });
}

function loadCell(cell: LooseRecord, id: CellId): Cell {
  const kind = cellKind(cell);
  const metadata = loadCellMetadata(cell["metadata"], kind);
  const source = sourceOf(cell);
  if (kind !== "code") {
    const attachments = loadAttachments(cell["attachments"]);
    return { cell_type: kind, id, metadata, source, ...(attachments === null ? {} : { attachments }) };
  }
  const collapsed = typeof cell["collapsed"] === "boolean" ? { collapsed: cell["collapsed"] } : {};
  return {
    cell_type: "code",
    id,
    metadata: { ...collapsed, ...metadata },
    execution_count: countOf(cell["execution_count"] ?? cell["prompt_number"]),
    outputs: loadOutputs(cell["outputs"]),
    source,
  };
}

/** Headings and HTML cells of nbformat 3 are markdown; a cell of no known type is raw unless it has outputs. */
function cellKind(cell: LooseRecord): Cell["cell_type"] {
  switch (cell["cell_type"]) {
    case "code":
      return "code";
    case "markdown":
    case "heading":
    case "html":
      return "markdown";
    case "raw":
      return "raw";
    default:
      return Array.isArray(cell["outputs"]) ? "code" : "raw";
  }
}

function sourceOf(cell: LooseRecord): string {
  const written =
    multilineOf(cell["source"]) ?? multilineOf(cell["input"]) ?? multilineOf(cell["code"]) ?? "";
  const text = cleanSource(written);
  if (cell["cell_type"] !== "heading") return text;
  const level = Math.min(6, Math.max(1, countOf(cell["level"]) ?? 1));
  return `${"#".repeat(level)} ${text.split("\n").join(" ").trimEnd()}`;
}

function loadAttachments(value: unknown): Record<string, Record<string, string>> | null {
  if (!isRecord(value)) return null;
  const entries = Object.entries(value).map(([name, bundle]) => {
    const texts = Object.entries(loadMimeBundle(recordOf(bundle)));
    return [
      name,
      Object.fromEntries(texts.filter((item): item is [string, string] => typeof item[1] === "string")),
    ] as const;
  });
  return Object.fromEntries(entries);
}

const NEVER_JOINED = new Set(["traceback", "metadata"]);

/** nbformat 3 and older sometimes wrote lines without their line ends. Source: nbformat/v3/rwbase.py, _join_lines. */
function joinLines(value: LooseRecord): LooseRecord {
  const joinIfLines = (item: unknown): unknown => {
    if (!Array.isArray(item)) return isRecord(item) ? joinLines(item) : item;
    const lines = item.filter((line): line is string => typeof line === "string");
    if (lines.length === 0 || lines.length < item.length) return item.map(joinIfLines);
    return lines.join(/[\n\r]$/.test(lines[0] ?? "") ? "" : "\n");
  };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, NEVER_JOINED.has(key) ? item : joinIfLines(item)]),
  );
}
