// Owns: one output of any nbformat as a valid nbformat 4.5 output. Never shortens; drops only what has no shape.
// Source: nbformat's own upgrade, nbformat/v4/convert.py (upgrade_output) and nbformat.v4.5.schema.json.
import type { IMimeBundle } from "@jupyterlab/nbformat";
import type { Output } from "../../contracts/index.ts";
import {
  cleanJson,
  cleanObject,
  cleanText,
  countOf,
  isRecord,
  type LooseRecord,
  multilineOf,
  parseJson,
} from "../untrusted.ts";

/** The names that nbformat 3 gave to mime types, in the order of its upgrade. */
const V3_MIMES: Readonly<Record<string, string>> = {
  text: "text/plain",
  html: "text/html",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  latex: "text/latex",
  json: "application/json",
  javascript: "application/javascript",
};
const V3_NOT_DATA = new Set(["output_type", "execution_count", "prompt_number", "metadata"]);

/** The outputs that can be kept, in order. */
export function loadOutputs(value: unknown): readonly Output[] {
  return Array.isArray(value) ? value.flatMap((output: unknown) => loadOutput(output) ?? []) : [];
}

function loadOutput(value: unknown): Output | null {
  if (!isRecord(value)) return null;
  const kind = kindOf(value);
  if (kind === null) return null;
  if (kind === "stream") return loadStream(value);
  if (kind === "error") return loadError(value);
  const metadata = renameMimes(cleanObject(value["metadata"]), isV3(value));
  const shown = { data: loadData(value), metadata };
  if (kind === "display_data") return { output_type: kind, ...shown };
  return {
    output_type: kind,
    ...shown,
    execution_count: countOf(value["execution_count"] ?? value["prompt_number"]),
  };
}

function loadError(output: LooseRecord): Output {
  return {
    output_type: "error",
    ename: multilineOf(output["ename"]) ?? "",
    evalue: multilineOf(output["evalue"]) ?? "",
    traceback: loadTraceback(output["traceback"]),
  };
}

/** By its type where that is known (nbformat 3's names included), else by what it holds. */
function kindOf(output: LooseRecord): Output["output_type"] | null {
  switch (output["output_type"]) {
    case "stream":
      return "stream";
    case "execute_result":
    case "pyout":
      return "execute_result";
    case "display_data":
    case "update_display_data":
      return "display_data";
    case "error":
    case "pyerr":
      return "error";
    default:
      if (isRecord(output["data"])) return "display_data";
      if (Array.isArray(output["traceback"])) return "error";
      return multilineOf(output["text"]) === null ? null : "stream";
  }
}

function loadStream(output: LooseRecord): Output {
  const name = output["name"] ?? output["stream"];
  return {
    output_type: "stream",
    name: name === "stderr" ? "stderr" : "stdout",
    text: multilineOf(output["text"]) ?? "",
  };
}

function loadTraceback(value: unknown): string[] {
  if (typeof value === "string") return [cleanText(value)];
  if (!Array.isArray(value)) return [];
  return value.filter((line): line is string => typeof line === "string").map(cleanText);
}

/** In nbformat 3 the data lay beside the type. */
function isV3(output: LooseRecord): boolean {
  return !isRecord(output["data"]);
}

function loadData(output: LooseRecord): IMimeBundle {
  if (isRecord(output["data"])) return loadMimeBundle(output["data"]);
  const beside = Object.entries(output).filter(([key]) => !V3_NOT_DATA.has(key));
  const data = loadMimeBundle(renameMimes(Object.fromEntries(beside), true));
  const json = data["application/json"];
  return typeof json === "string" ? { ...data, "application/json": parseMimeJson(json) } : data;
}

function parseMimeJson(text: string): IMimeBundle[string] {
  const value = parseJson(text);
  // Narrowed as below: nbformat types JSON data as objects, its schema allows any JSON.
  return value === undefined ? text : (cleanJson(value) as IMimeBundle[string]);
}

function renameMimes<T>(data: { readonly [key: string]: T }, fromV3: boolean): { [key: string]: T } {
  const rename = (key: string): string =>
    (fromV3 && Object.hasOwn(V3_MIMES, key) ? V3_MIMES[key] : key) ?? key;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [rename(key), value]));
}

/** Every value as text, but for the mime types that hold JSON; what is neither is kept as its JSON text. */
export function loadMimeBundle(data: LooseRecord): IMimeBundle {
  const entries = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
  const bundle = entries.map(([mime, value]) => [
    cleanText(mime),
    isJsonMime(mime) ? cleanJson(value) : (multilineOf(value) ?? JSON.stringify(cleanJson(value))),
  ]);
  // nbformat types a bundle's JSON as objects; its schema (and plotly) allow any JSON.
  return Object.fromEntries(bundle) as IMimeBundle;
}

/** Mime types whose value is JSON itself. Source: nbformat.v4.5.schema.json, mimebundle. */
function isJsonMime(mime: string): boolean {
  return /^application\/(?:[^\n]*\+)?json$/.test(mime);
}
