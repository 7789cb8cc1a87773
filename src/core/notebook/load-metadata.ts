// Owns: metadata of notebooks and cells as nbformat 4.5 allows it. Keeps what it does not know; mends or drops
// what has the wrong type. Source: nbformat.v4.5.schema.json; strip_transient in nbformat/v4/rwbase.py.
import { z } from "zod";
import type { Cell, CellMark, CellMetadata, NotebookMetadata } from "../../contracts/index.ts";
import { cleanObject, isRecord, type LooseRecord, type PlainObject } from "../untrusted.ts";

type ValueCheck = (value: unknown) => boolean;

const isText: ValueCheck = (value) => typeof value === "string";
const isFlag: ValueCheck = (value) => typeof value === "boolean";

const TRANSIENT = ["orig_nbformat", "orig_nbformat_minor", "signature"];
const NOTEBOOK_CHECKS: Readonly<Record<string, ValueCheck>> = { title: isText, authors: Array.isArray };
const LANGUAGE_CHECKS: Readonly<Record<string, ValueCheck>> = {
  codemirror_mode: (value) => isText(value) || isRecord(value),
  file_extension: isText,
  mimetype: isText,
  pygments_lexer: isText,
};
const CELL_CHECKS: Readonly<Record<string, ValueCheck>> = {
  name: (value) => typeof value === "string" && /^[^\n]+$/.test(value),
  jupyter: isRecord,
};
const KIND_CHECKS: Readonly<Record<Cell["cell_type"], Readonly<Record<string, ValueCheck>>>> = {
  code: { collapsed: isFlag, scrolled: (value) => isFlag(value) || value === "auto", execution: isRecord },
  markdown: {},
  raw: { format: isText },
};

const MARK: z.ZodType<CellMark> = z.object({
  role: z.enum(["task", "plan", "summary", "note", "code"]),
  round: z.int().min(0),
  state: z.enum(["clean", "failed", "stale", "dirty", "unexecuted"]).exactOptional(),
  folded: z.boolean().exactOptional(),
  pinned: z.boolean().exactOptional(),
  summary: z.string().exactOptional(),
  durationMs: z.number().min(0).exactOptional(),
  from: z.object({ branch: z.string(), cell: z.string() }).exactOptional(),
});

/** The metadata of a notebook; `fromV3` drops what nbformat's upgrade drops. nbevolve's own key is left to the caller. */
export function loadNotebookMetadata(value: unknown, fromV3: boolean): NotebookMetadata {
  const { kernelspec, language_info, ...rest } = cleanObject(value);
  const kept = withoutKeys(keepValid(rest, NOTEBOOK_CHECKS), fromV3 ? [...TRANSIENT, "name"] : TRANSIENT);
  return { ...kept, ...loadKernelspec(kernelspec), ...loadLanguage(language_info) };
}

/** The metadata of a cell of that kind. */
export function loadCellMetadata(value: unknown, kind: Cell["cell_type"]): CellMetadata {
  const { tags, nbevolve, ...rest } = cleanObject(value);
  const kept = withoutKeys(keepValid(keepValid(rest, CELL_CHECKS), KIND_CHECKS[kind]), ["trusted"]);
  const mark = MARK.safeParse(nbevolve);
  return {
    ...kept,
    ...(isRecord(kept["execution"]) && kind === "code" ? { execution: textsOf(kept["execution"]) } : {}),
    ...(tags === undefined || tags === null ? {} : { tags: loadTags(tags) }),
    ...(mark.success ? { nbevolve: mark.data } : {}),
  };
}

function loadKernelspec(value: unknown): PlainObject {
  if (!isRecord(value)) return {};
  const [name, shown] = [value["name"], value["display_name"]].map((item) =>
    typeof item === "string" ? item : null,
  );
  const either = name ?? shown;
  if (either === null || either === undefined) return {};
  return { kernelspec: { ...cleanObject(value), name: either, display_name: shown ?? either } };
}

function loadLanguage(value: unknown): PlainObject {
  if (!isRecord(value) || typeof value["name"] !== "string") return {};
  return { language_info: keepValid(cleanObject(value), LANGUAGE_CHECKS) };
}

/** Unique, not empty and without commas; a single string stands for the tags it names. */
function loadTags(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const tags = items.flatMap((item) => (typeof item === "string" ? item.split(",") : []));
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ""))];
}

function textsOf(value: LooseRecord): PlainObject {
  return cleanObject(Object.fromEntries(Object.entries(value).filter(([, item]) => isText(item))));
}

function keepValid(value: PlainObject, checks: Readonly<Record<string, ValueCheck>>): PlainObject {
  const passes = (key: string, item: unknown): boolean =>
    !Object.hasOwn(checks, key) || checks[key]?.(item) === true;
  return Object.fromEntries(Object.entries(value).filter(([key, item]) => passes(key, item)));
}

function withoutKeys(value: PlainObject, keys: readonly string[]): PlainObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}
